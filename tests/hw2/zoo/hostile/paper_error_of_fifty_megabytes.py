"""Raises errors with texts of 50 MB, in a cell and in lines without number.

Kind: exhaust
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
answers = {}
get_ipython().showtraceback = lambda *a, **k: None
raise ValueError("x" * 50_000_000)
# %% after q1_numbers
raise type("E" * 10_000_000, (Exception,), {})
