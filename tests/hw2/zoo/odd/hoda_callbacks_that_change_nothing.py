"""Callbacks, a tf.data pipeline, a line for every epoch, warnings, and a history with more than four curves."""
# %% q4_train
%%time
import sys
import warnings

import tensorflow as tf


class Report(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        sys.stderr.write(f"\repoch {epoch + 1}: {logs['loss']:.3f}")
        if epoch % 10 == 0:
            warnings.warn("still training")


def train(hidden: tuple[int, ...], epochs: int):
    data = tf.data.Dataset.from_tensor_slices((x_train, y_train)).cache().shuffle(1000).batch(BATCH_SIZE)
    model = build_model(hidden)
    history = model.fit(
        data, epochs=epochs, verbose=2,
        validation_data=tf.data.Dataset.from_tensor_slices((x_test, y_test)).batch(64),
        callbacks=[
            Report(), keras.callbacks.TerminateOnNaN(), keras.callbacks.CSVLogger("log.csv"),
            keras.callbacks.EarlyStopping(patience=10_000),
            keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate),
        ],
    )
    return model, history.history


models, histories = {}, {}
for hidden, name in NETWORKS.items():
    print(name)
    models[hidden], histories[hidden] = train(hidden, EPOCHS)
