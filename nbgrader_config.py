"""nbgrader's settings for this course: where things are, what may run how long, what students see."""

from mashq.nbgrader_plugins import TEXT_STUB, configure

c = get_config()  # noqa: F821  (nbgrader provides it)
configure(c)  # mashq's steps: docs/settings.md lists what it sets. What is set below counts.

c.CourseDirectory.course_id = "neural-networks"
c.CourseDirectory.solution_directory = "solutions"

# What students see in place of a solution.
c.ClearSolutions.code_stub = {
    "python": '# YOUR CODE HERE\nraise NotImplementedError("this part is not written yet")'
}
c.ClearSolutions.text_stub = TEXT_STUB  # translated where the release is

# The language: translations from locale/LANGUAGE/LC_MESSAGES/ASSIGNMENT.po.
# `mashq release --language fa` sets it for one run; see docs/languages.md.
# c.Translate.language = "fa"

c.JudgeExecute.timeout = 120  # seconds a cell; the heaviest of hw2 takes about 10
c.JudgeExecute.startup_timeout = 120
c.Execute.timeout = 300  # for the solutions, which may run on a slow machine

# Late work costs nothing until this is switched on; see docs/late-work.md.
# c.AssignLatePenalties.plugin_class = "mashq.nbgrader_plugins.LatePolicy"
# c.LatePolicy.grace_minutes = 15
# c.LatePolicy.percent_per_day = 10  # of the points reached, for each 24 hours begun
# c.LatePolicy.at_most_percent = 50
# c.LatePolicy.zero_after_days = 7
# c.LatePolicy.extensions = {"student": 2, "another": {"hw2": 3}}  # days
