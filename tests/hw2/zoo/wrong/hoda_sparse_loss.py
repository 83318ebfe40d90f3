"""The loss wants labels as numbers, but gets one-hot rows.

Loses: test_q4_model, test_q4_train
Earns: test_q4_model 3.5, test_q4_train 3.5
Says: cannot compare its outputs with one-hot labels
"""
# %% q4_model
def build_model(hidden=()):
    model = keras.Sequential([keras.Input(shape=(25,))])
    for units in hidden:
        model.add(keras.layers.Dense(units, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(optimizer=keras.optimizers.Adam(LEARNING_RATE), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
