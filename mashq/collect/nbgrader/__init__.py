"""What nbgrader collects itself, by rules that no student can bend: its exchange, and `zip_collect`."""
