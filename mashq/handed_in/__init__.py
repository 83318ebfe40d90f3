"""What is handed in, as grading and `mashq validate` alike see it: notebooks and the files beside them."""
