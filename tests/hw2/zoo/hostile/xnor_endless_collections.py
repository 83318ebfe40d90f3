"""forward() gives collections without end: a list that is in itself, a dict and a list that never stop.

Kind: exhaust
Loses: test_q5_forward
Earns: test_q5_forward 0
"""
# %% q5_forward
import itertools

itself = []
itself.append(itself)


class Endless(list):
    def __iter__(self):
        return iter(lambda: "x" * 2**26, None)  # 64 MB each

    def __len__(self):
        return 2**62


turns = itertools.cycle([lambda: itself, lambda: Endless(), lambda: {"x": itself}, lambda: (i for i in itertools.count())])


def forward(x, W1, W2, b1, b2):
    return next(turns)()
