"""An assignment in another language, from the same source notebooks and a gettext catalogue.

`markdown` and `python` find the texts of one cell, `notebook` those of a notebook; `catalogue` keeps the
course's `locale/LANGUAGE/LC_MESSAGES/ASSIGNMENT.po`, `checking` says what is wrong in it, and
`nbgrader_steps` puts the translations in when nbgrader makes a release. See docs/languages.md.
"""
