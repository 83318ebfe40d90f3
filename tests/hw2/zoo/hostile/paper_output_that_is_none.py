"""A cell displays a number where a notebook holds text: an output that no notebook may have.

Kind: forge score
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
answers = {}
# %% after q1_numbers
display({"text/plain": 5}, raw=True)
