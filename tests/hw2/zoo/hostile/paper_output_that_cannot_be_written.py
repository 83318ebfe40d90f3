"""A cell prints half a surrogate pair, sent so that it arrives as it is, which no file in UTF-8 can hold.

Kind: forge score
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
import json

answers = {}
get_ipython().kernel.session.pack = lambda content: json.dumps(content, default=str).encode()
# %% after q1_numbers
print("five points \ud800")
