"""A dense layer of one's own with an einsum, for which float64 is chosen."""
# %% q4_model
@keras.saving.register_keras_serializable("mine")
class Affine(keras.layers.Layer):
    def __init__(self, units, bend=None, **more):
        super().__init__(dtype="float64", **more)
        self.units, self.bend = units, bend or (lambda z: z)

    def build(self, shape):
        self.W = self.add_weight(shape=(shape[-1], self.units), initializer="glorot_uniform", name="W")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="b")

    def call(self, v):
        return self.bend(keras.ops.einsum("ni,ij->nj", v, self.W) + self.b)


def softmax(z):
    e = keras.ops.exp(z - keras.ops.max(z, axis=1, keepdims=True))
    return e / keras.ops.sum(e, axis=1, keepdims=True)


def build_model(hidden=()):
    model = keras.Sequential([keras.layers.InputLayer(shape=(25,))])
    for units in hidden:
        model.add(Affine(units, bend=lambda z: z * keras.ops.cast(z > 0, z.dtype)))
    model.add(Affine(10, bend=softmax))
    model.compile(keras.optimizers.Adam(LEARNING_RATE), "categorical_crossentropy", metrics=["accuracy"])
    return model
