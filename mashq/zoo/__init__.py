"""Known answers, right, odd, wrong and hostile, and damaged files: what the autograder is tested with."""
