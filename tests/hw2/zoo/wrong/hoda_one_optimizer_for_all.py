"""One optimizer, made outside the function, serves all networks.

Loses: test_q4_model, test_q4_train
Earns: test_q4_train 3.5
Says: make the optimizer inside the function
"""
# %% q4_model
adam = keras.optimizers.Adam(LEARNING_RATE)


def build_model(hidden=()):
    model = keras.Sequential([keras.Input(shape=(25,))])
    for units in hidden:
        model.add(keras.layers.Dense(units, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(optimizer=adam, loss="categorical_crossentropy", metrics=["accuracy"])
    return model
