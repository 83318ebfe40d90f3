"""Who the students are: lists of learning platforms, safe tables, names that can be folders."""
