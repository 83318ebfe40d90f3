"""What nbgrader collects itself, from its exchange and with `zip_collect`, by rules that no student can bend."""
