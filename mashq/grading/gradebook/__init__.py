"""The one writer: rows of nbgrader's gradebook, files in `autograded/`, late penalties."""
