"""The labels are counted down to below 0, in the array of the caller.

Loses: test_q4_preprocess
Says: leave these as they are
"""
# %% q4_preprocess
def preprocess(x, y):
    one_hot = np.zeros((len(y), 10))
    for digit in range(10):
        one_hot[y == 0, digit] = 1
        y -= 1
    return x.astype("float32") / 255, one_hot
