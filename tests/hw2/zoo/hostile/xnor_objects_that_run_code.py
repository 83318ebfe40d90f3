"""forward() gives objects whose pickling, naming, attributes, ends and numbers run code in whoever touches them.

Kind: deceive questions
Loses: test_q5_forward
Earns: test_q5_forward 0
"""
# %% q5_forward
import itertools
import os


class Trap:
    def __reduce__(self):
        return os.system, ("echo LEAKED by pickle; touch /tmp/mashq-poison",)

    def __repr__(self):
        raise SystemExit(0)

    def __getattr__(self, name):
        if name in ("detach", "cpu"):
            raise KeyboardInterrupt
        raise AttributeError(name)

    def __del__(self):
        raise RuntimeError("deleted")  # which its own kernel says in whatever cell memory is collected

    def __float__(self):
        return os.getpid()

    __str__ = __repr__
    __len__ = __index__ = __iter__ = __bool__ = __repr__


class Name(type):
    __module__ = property(lambda cls: 1 / 0)


class Text(str):
    def __new__(cls):
        return super().__new__(cls, "0.7311")

    def __str__(self):
        raise GeneratorExit


turns = itertools.cycle([Trap, lambda: [Trap()], lambda: {Trap(): Trap()}, lambda: Name("x", (), {})(), Text, lambda: np.array([[Trap()]], dtype=object)])


def forward(x, W1, W2, b1, b2):
    return next(turns)()
