"""A keras.Sequential for each hidden layer inside a keras.Sequential, by way of tf.keras."""
# %% q4_preprocess
def preprocess(x, y):
    return (x / 255.0).astype(np.float32), (np.arange(10) == y.reshape(-1, 1)).astype("uint8")
# %% q4_model
import tensorflow as tf
from tensorflow.keras.layers import Activation, Dense


def block(units: int) -> keras.Sequential:
    return keras.Sequential([Dense(units, kernel_initializer="he_normal"), Activation("relu")])


def build_model(hidden=()):
    stack = [tf.keras.Input((25,))] + [block(units) for units in hidden]
    head = tf.keras.Sequential([Dense(10, activation=tf.nn.softmax)], name="head")
    model = tf.keras.Sequential(stack + [head])
    model.compile(tf.keras.optimizers.Adam(LEARNING_RATE), "categorical_crossentropy", metrics=["acc", "mse"])
    return model
# %% q4_train
def train(hidden, epochs):
    model = build_model(hidden)
    history = model.fit(x_train, y_train, BATCH_SIZE, epochs, verbose=0, validation_data=(x_test, y_test)).history
    return model, {key.replace("acc", "accuracy").replace("accuracyuracy", "accuracy"): history[key] for key in history}


models = {hidden: train(hidden, EPOCHS) for hidden in NETWORKS}
histories = {hidden: history for hidden, (_, history) in models.items()}
models = {hidden: model for hidden, (model, _) in models.items()}
