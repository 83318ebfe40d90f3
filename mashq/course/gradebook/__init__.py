"""nbgrader's gradebook of a course: how it is opened and read, and what can be wrong with it."""
