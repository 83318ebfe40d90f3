"""The judge's code in the kernel is replaced: it answers 5 to every question, so that checks stumble.

Kind: forge score
Loses: test_q5_activations, test_q5_forward, test_q5_backprop, test_q5_train
Earns: test_q5_activations 0, test_q5_forward 0, test_q5_backprop 0, test_q5_train 0
"""
# %% before q5_activations
import gc


def agent():
    """The namespace of the judge's code in this kernel."""
    return next(o for o in gc.get_objects() if isinstance(o, dict) and o.get("__name__") == "mashq_agent" and "answer" in o)


agent()["answer"] = lambda namespace, request: 5
