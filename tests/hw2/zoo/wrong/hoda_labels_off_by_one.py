"""Labels are counted from 1, so every 1 stands one column too far left.

Loses: test_q4_preprocess
Says: has its 1 in column
"""
# %% q4_preprocess
def preprocess(x, y):
    one_hot = np.zeros((len(y), 10))
    for i in range(len(y)):
        one_hot[i, y[i] - 1] = 1
    return x.astype("float32") / 255, one_hot
