"""Hidden layers in float16, and the output in float32, as the guide of Keras advises for a softmax."""
# %% q4_model
def build_model(hidden=()):
    half = keras.DTypePolicy("mixed_float16")
    model = keras.Sequential([keras.Input(shape=(25,))])
    for units in hidden:
        model.add(keras.layers.Dense(units, activation="relu", dtype=half))
    model.add(keras.layers.Dense(10, activation="softmax", dtype="float32"))
    model.compile(optimizer=keras.optimizers.Adam(LEARNING_RATE), loss="categorical_crossentropy", metrics=["accuracy"])
    return model
