r"""The 25 inputs are taken for a layer with units of its own.

Loses: test_q4_model
Says: build_model\(\(\)\) has 910 parameters
"""
# %% q4_model
def build_model(hidden=()):
    model = keras.Sequential([keras.Input(shape=(25,))])
    model.add(keras.layers.Dense(25, activation="relu"))
    for units in hidden:
        model.add(keras.layers.Dense(units, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(optimizer=keras.optimizers.Adam(LEARNING_RATE), loss="categorical_crossentropy", metrics=["accuracy"])
    return model
