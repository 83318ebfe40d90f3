"""The replies have negative, huge, missing and lying shapes, buffers that are not there, and unknown kinds.

Kind: deceive questions
Loses: test_q5_forward, test_q5_backprop, test_q5_train
Earns: test_q5_forward 0
"""
# %% q5_forward
import gc


def agent():
    """The namespace of the judge's code in this kernel."""
    return next(o for o in gc.get_objects() if isinstance(o, dict) and o.get("__name__") == "mashq_agent" and "answer" in o)


encode = agent()["encode"]
import itertools
import json

ODD = [
    {"array": 0, "dtype": "<f8", "shape": [-1, -1]},
    {"array": 0, "dtype": "<f8", "shape": [2**62, 2**62]},
    {"array": 7, "dtype": "<f8", "shape": [1, 1]},
    {"array": True, "dtype": "<f8", "shape": [1, 1]},
    {"array": 0, "dtype": "O", "shape": [1, 1]},
    {"array": 0, "dtype": "<f8", "shape": 5},
    {"array": 0, "dtype": "<f8", "shape": [1] * 40},
    {"pickle": []},
    {"dict": [[{"list": []}, 1]]},
    [1, 2],
]
turns = itertools.cycle(ODD)


def forward(x, W1, W2, b1, b2):
    agent()["encode"] = lambda reply: [json.dumps({"dict": [["value", next(turns)]]}).encode(), bytes(8)]
# %% after test_q5_forward
agent()["encode"] = encode
