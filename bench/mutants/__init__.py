"""Mutants of reference solutions: small wrong changes that the hidden checks must notice.

mutmut changes functions of an importable package, and cosmic-ray and mutatest rewrite a file and start a test
command for each mutant; none reaches a marked region of a cell that the judge runs in a warm kernel, and most
changes wanted here (transposes, axes, layers, training modes) are none of their operators.

`operators` says which changes there are, `making` applies them to a cell, `judging` holds the checks against
the mutants. One that keeps all points is a survivor: either a check is missing, or the mutant is right in
another way and stands, with a reason, in the list that `equivalent` reads.
"""
