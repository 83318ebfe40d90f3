"""forward() never ends and swallows every interrupt.

Kind: exhaust
Loses: test_q5_forward
Earns: test_q5_forward 0
"""
# %% q5_forward
import sys


def forward(x, W1, W2, b1, b2):
    caller = sys._getframe(1).f_code.co_filename
    while caller == "<mashq>":  # the judge asks; the cells of the notebook need not wait
        try:
            while True:
                pass
        except BaseException:
            pass
