"""The loss is the mean squared error.

Loses: test_q4_model
Says: is not the categorical cross-entropy
"""
# %% q4_model
def build_model(hidden=()):
    model = keras.Sequential([keras.Input(shape=(25,))])
    for units in hidden:
        model.add(keras.layers.Dense(units, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(optimizer=keras.optimizers.Adam(LEARNING_RATE), loss="mse", metrics=["accuracy"])
    return model
