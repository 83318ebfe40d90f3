r"""Dividing uint8 by 255 gives float64, and nobody makes float32 of it.

Loses: test_q4_preprocess
Says: astype\('float32'\)
"""
# %% q4_preprocess
def preprocess(x, y):
    return x / 255, keras.utils.to_categorical(y, num_classes=10)
