"""Shows 40 small outputs, then updates each to 5 MB: together 200 MB in the grader, of which no limit knows.

Kind: exhaust
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
answers = {}
for n in range(40):
    display({"text/plain": "x"}, raw=True, display_id=str(n))
for n in range(40):
    display({"text/plain": "x" * 5_000_000}, raw=True, display_id=str(n), update=True)
