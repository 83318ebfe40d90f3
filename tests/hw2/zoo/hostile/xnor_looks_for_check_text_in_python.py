"""forward() looks through frames, modules, source caches and all objects for the text and the numbers of the check.

Kind: read checks
Loses: test_q5_forward
Earns: test_q5_forward 0
"""
# %% q5_forward
import gc
import linecache
import sys

SECRETS = ("want", "wanted", "expected", "RIGHT", "labels", "student")


def forward(x, W1, W2, b1, b2):
    frame = sys._getframe(1)
    while frame is not None:
        for name in SECRETS:
            if name in frame.f_locals:
                print("LEAKED", frame.f_code.co_name, name, str(frame.f_locals[name])[:40], file=sys.__stderr__)
                return frame.f_locals[name]
        frame = frame.f_back
    found = [name for name in [*sys.modules, *linecache.cache] if "test_q5" in name]
    found += [o.__name__ for o in gc.get_objects() if callable(o) and str(getattr(o, "__module__", "")).startswith("test_q")]
    if found:
        leaks.append(found)
    return None


leaks = []
# %% before test_q5_backprop
if leaks:
    print("LEAKED", leaks)
