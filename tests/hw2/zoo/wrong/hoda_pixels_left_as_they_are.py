"""The pixels come back as they are: uint8, and not divided by 255.

Loses: test_q4_preprocess
Says: float32
"""
# %% q4_preprocess
def preprocess(x, y):
    return x, keras.utils.to_categorical(y, num_classes=10)
