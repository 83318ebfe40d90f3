"""The function knows the three networks of the notebook and takes any other for the last one.

Loses: test_q4_model
Says: 3455 parameters
"""
# %% q4_model
def build_model(hidden=()):
    layers = [keras.Input(shape=(25,))]
    if len(hidden) == 1:
        layers += [keras.layers.Dense(15, activation="relu")]
    elif len(hidden) > 1:
        layers += [keras.layers.Dense(n, activation="relu") for n in (50, 30, 15)]
    model = keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])
    model.compile(keras.optimizers.Adam(LEARNING_RATE), "categorical_crossentropy", metrics=["accuracy"])
    return model
