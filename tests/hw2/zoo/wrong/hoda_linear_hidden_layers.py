"""The hidden layers have no activation, so three are worth no more than one.

Loses: test_q4_model
Earns: test_q4_model 3
Says: give every hidden layer an activation
"""
# %% q4_model
def build_model(hidden=()):
    model = keras.Sequential([keras.Input(shape=(25,))])
    for units in hidden:
        model.add(keras.layers.Dense(units))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(optimizer=keras.optimizers.Adam(LEARNING_RATE), loss="categorical_crossentropy", metrics=["accuracy"])
    return model
