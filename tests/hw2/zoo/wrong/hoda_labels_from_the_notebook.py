"""The labels are those of the notebook's training images, whatever the argument.

Loses: test_q4_preprocess
Says: has its 1 in column|expected shape
"""
# %% q4_preprocess
def preprocess(x, y):
    one_hot = keras.utils.to_categorical(labels_train, num_classes=10)
    return x.astype("float32") / 255, one_hot[: len(y)]
