"""From handed-in files to notebooks that can be graded: find, read, repair."""
