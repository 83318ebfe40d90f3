"""A subclass of keras.Model whose weights exist only after the first call."""
# %% before q4_model
class Reader(keras.Model):
    """شبکه‌ای برای خواندن رقم‌ها."""

    def __init__(self, hidden):
        super().__init__()
        self.hidden = [keras.layers.Dense(units) for units in hidden]
        self.last = keras.layers.Dense(10)

    def call(self, images):
        for layer in self.hidden:
            images = keras.ops.maximum(layer(images), 0)
        return keras.ops.softmax(self.last(images))
# %% q4_model
def build_model(hidden: tuple = ()) -> Reader:
    reader = Reader(hidden)
    reader.compile(
        optimizer=keras.optimizers.get({"class_name": "Adam", "config": {"learning_rate": LEARNING_RATE}}),
        loss=keras.losses.categorical_crossentropy,
        metrics=["accuracy"],
    )
    return reader
