"""Loss and metric are functions of one's own, with clipping, and every call clears Keras and seeds it."""
# %% q4_model
from keras import ops


def crossentropy(y_true, y_pred):
    return -ops.sum(y_true * ops.log(ops.clip(y_pred, 1e-9, 1.0)), axis=-1)


def accuracy(y_true, y_pred):
    return ops.cast(ops.equal(ops.argmax(y_true, axis=-1), ops.argmax(y_pred, axis=-1)), "float32")


def build_model(hidden=()):
    keras.backend.clear_session()
    keras.utils.set_random_seed(SEED)
    layers = [keras.Input(shape=(25,)), keras.layers.Flatten(), keras.layers.Identity()]
    for n, units in enumerate(hidden):
        layers += [keras.layers.Dense(units, name=f"dense_{n}"), keras.layers.LeakyReLU(negative_slope=0.0)]
    model = keras.Sequential([*layers, keras.layers.Dense(10, "softmax")])
    model.compile(keras.optimizers.Adam(LEARNING_RATE), loss=crossentropy, metrics=[accuracy])
    return model
# %% q4_train
def train(hidden, epochs):
    model = build_model(hidden)
    fitted = model.fit(x_train, ops.cast(y_train, "float32"), batch_size=BATCH_SIZE, epochs=epochs, verbose=0,
                       validation_data=(x_test, ops.cast(y_test, "float32")))
    return model, fitted.history


models, histories = map(dict, zip(*(((h, m), (h, r)) for h in NETWORKS for m, r in [train(h, EPOCHS)])))
