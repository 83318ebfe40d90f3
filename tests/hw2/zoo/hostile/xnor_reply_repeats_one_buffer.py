"""The reply names one buffer of 1 MB a thousand times, which takes 1 GB in the grader when each is copied.

Kind: exhaust
Loses: test_q5_forward, test_q5_backprop, test_q5_train
Says: judge cannot read
Earns: test_q5_forward 0
"""
# %% q5_forward
import gc


def agent():
    """The namespace of the judge's code in this kernel."""
    return next(o for o in gc.get_objects() if isinstance(o, dict) and o.get("__name__") == "mashq_agent" and "answer" in o)


encode = agent()["encode"]
import json

once = {"array": 0, "dtype": "<f8", "shape": [131072]}
bomb = [json.dumps({"dict": [["value", {"list": [once] * 1000}]]}).encode(), bytes(2**20)]


def forward(x, W1, W2, b1, b2):
    agent()["encode"] = lambda reply: bomb
# %% after test_q5_forward
agent()["encode"] = encode
