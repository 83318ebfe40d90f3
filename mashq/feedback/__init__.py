"""The students' feedback: nbgrader's pages with a summary first, made by several processes."""
