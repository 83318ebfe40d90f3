"""A Sequential without an Input, whose weights exist only after the first batch, and boolean one-hot labels."""
# %% q4_preprocess
def preprocess(x, y):
    return np.float32(x) / np.float32(255), y[:, None] == range(10)
# %% q4_model
from functools import partial

Layer = partial(keras.layers.Dense, activation=keras.activations.relu)


def build_model(hidden=()):
    model = keras.Sequential(list(map(Layer, hidden)) + [Layer(10, activation=keras.activations.softmax)])
    model.compile(
        loss=keras.losses.CategoricalCrossentropy(from_logits=False),
        optimizer=keras.optimizers.Adam(LEARNING_RATE, amsgrad=False, weight_decay=None),
        metrics=[keras.metrics.CategoricalAccuracy("accuracy"), keras.metrics.TopKCategoricalAccuracy(3)],
    )
    return model
