"""The judge's code answers each question with another odd value: empty, NaN, nested, half a pair, text, a set.

Kind: forge score
Loses: test_q5_activations, test_q5_forward, test_q5_backprop, test_q5_train
Earns: test_q5_activations 0, test_q5_forward 0, test_q5_backprop 0, test_q5_train 0
"""
# %% before q5_activations
import gc


def agent():
    """The namespace of the judge's code in this kernel."""
    return next(o for o in gc.get_objects() if isinstance(o, dict) and o.get("__name__") == "mashq_agent" and "answer" in o)


import itertools

ODD = [[], [[], []], {}, float("nan"), None, "ab", [1, 2, 3], {1}, np.zeros((0, 3)), [np.zeros(0)] * 7, [None] * 4, {"a": 1}, True, 10**400, [["x"]] * 8]
turns = itertools.cycle(ODD)
agent()["answer"] = lambda namespace, request: next(turns)
