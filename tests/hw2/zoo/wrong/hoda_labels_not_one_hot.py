r"""The labels stay numbers from 0 to 9.

Loses: test_q4_preprocess, test_q4_train
Earns: test_q4_train 3.5
Says: expected shape \(240, 10\), got \(240,\)
"""
# %% q4_preprocess
def preprocess(x, y):
    return x.astype("float32") / 255, y
