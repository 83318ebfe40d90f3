"""The optimizer is plain SGD.

Loses: test_q4_model
Says: compiled with SGD, not with Adam
"""
# %% q4_model
def build_model(hidden=()):
    model = keras.Sequential([keras.Input(shape=(25,))])
    for units in hidden:
        model.add(keras.layers.Dense(units, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(optimizer=keras.optimizers.SGD(LEARNING_RATE), loss="categorical_crossentropy", metrics=["accuracy"])
    return model
