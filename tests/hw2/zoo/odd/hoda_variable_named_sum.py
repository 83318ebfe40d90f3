"""A variable of the notebook is called sum, like the built-in function."""
# %% q4_model
def build_model(hidden=()):
    model = keras.models.Sequential()
    model.add(keras.Input(shape=[25]))
    for units in hidden:
        model.add(keras.layers.Dense(units=units, activation="relu"))
    model.add(keras.layers.Dense(units=10, activation="softmax"))
    model.compile(
        loss="categorical_crossentropy", metrics=["accuracy"],
        optimizer=keras.optimizers.Adam(learning_rate=keras.optimizers.schedules.PiecewiseConstantDecay([10**6], [LEARNING_RATE] * 2)),
    )
    return model


sum = 0
for layer in build_model((50, 30, 15)).layers:
    sum += layer.count_params()
print("parameters of the deepest network:", sum)
