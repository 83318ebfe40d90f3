"""Pixels are divided by the largest of these images, which is right only where it is 255.

Loses: test_q4_preprocess
Says: pixel 255 becomes 1
"""
# %% q4_preprocess
def preprocess(x, y):
    x = x.astype("float32")
    return x / x.max(), keras.utils.to_categorical(y, num_classes=10)
