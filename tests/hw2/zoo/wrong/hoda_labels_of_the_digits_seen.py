r"""There are only as many columns as the largest label needs.

Loses: test_q4_preprocess
Says: expected shape \(3, 10\), got \(3, 6\)
"""
# %% q4_preprocess
def preprocess(x, y):
    return x.astype("float32") / 255, keras.utils.to_categorical(y)
