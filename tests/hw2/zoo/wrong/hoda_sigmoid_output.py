"""The ten outputs are independent sigmoids, so they do not add up to one."""
# %% q4_model
def build_model(hidden: tuple[int, ...] = ()) -> keras.Model:
    """Build and compile a new classifier of 25 pixels into 10 digits.

    hidden : units of each hidden layer, first layer first; () for none

    The model maps (n, 25) to class probabilities, shape (n, 10).
    """
    # 1. input of 25 numbers
    # 2. a dense layer with a non-linear activation for every entry of `hidden`
    # 3. a dense output layer: 10 units, softmax
    # 4. compile: Adam(LEARNING_RATE), categorical cross-entropy, accuracy
    # 5. return the model
    model = keras.Sequential([keras.Input(shape=(25,))])
    for units in hidden:
        model.add(keras.layers.Dense(units, activation="relu"))
    model.add(keras.layers.Dense(10, activation="sigmoid"))
    model.compile(
        optimizer=keras.optimizers.Adam(LEARNING_RATE), loss="categorical_crossentropy", metrics=["accuracy"]
    )
    return model
