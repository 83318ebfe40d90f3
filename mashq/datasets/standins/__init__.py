"""What stands in for the real data where it is missing."""
