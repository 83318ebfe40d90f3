"""The training loop is written out with a gradient tape in place of fit."""
# %% q4_train
import tensorflow as tf


def train(hidden, epochs):
    model = build_model(hidden)
    cross_entropy = keras.losses.CategoricalCrossentropy()
    shares = keras.metrics.CategoricalAccuracy()
    batches = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(1000, seed=SEED).batch(BATCH_SIZE)

    @tf.function
    def one_epoch():
        total = 0.0
        for x, y in batches:
            with tf.GradientTape() as tape:
                p = model(x, training=True)
                loss = cross_entropy(y, p)
            gradients = tape.gradient(loss, model.trainable_variables)
            model.optimizer.apply_gradients(zip(gradients, model.trainable_variables))
            shares.update_state(y, p)
            total += loss * tf.cast(tf.shape(x)[0], tf.float32)
        return total

    model.optimizer.build(model.trainable_variables)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        shares.reset_state()
        history["loss"].append(float(one_epoch()) / len(x_train))
        history["accuracy"].append(float(shares.result()))
        p = model(x_test).numpy()
        history["val_loss"].append(float(cross_entropy(y_test, p)))
        history["val_accuracy"].append(float(np.mean(p.argmax(axis=1) == labels_test)))
    return model, history


models, histories = {}, {}
for hidden in NETWORKS:
    models[hidden], histories[hidden] = train(hidden, EPOCHS)
