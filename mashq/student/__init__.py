"""What a student runs: `mashq validate` and `mashq data`, without nbgrader, a sandbox or anything of grading.

Besides this package, `mashq bundle` hands out `mashq.datasets` and `mashq.plots`.
"""
