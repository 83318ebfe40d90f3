"""Mixed precision in bfloat16, as for newer hardware: NumPy has no such type."""
# %% q4_model
keras.mixed_precision.set_global_policy("mixed_bfloat16")


def build_model(hidden=()):
    model = keras.Sequential([keras.Input(shape=(25,))])
    for units in hidden:
        model.add(keras.layers.Dense(units, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(optimizer=keras.optimizers.Adam(LEARNING_RATE), loss="categorical_crossentropy", metrics=["accuracy"])
    return model
