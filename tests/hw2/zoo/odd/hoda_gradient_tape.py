"""The training loop is written out with a gradient tape in place of fit."""
# %% q4_train
import tensorflow as tf


def train(hidden, epochs):
    model = build_model(hidden)
    cross_entropy = keras.losses.CategoricalCrossentropy()
    shares = keras.metrics.CategoricalAccuracy()

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            p = model(x, training=True)
            loss = cross_entropy(y, p)
        gradients = tape.gradient(loss, model.trainable_variables)
        model.optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss, p

    def one_epoch():
        total = 0.0
        for rows in np.split(np.random.permutation(len(x_train)), len(x_train) // BATCH_SIZE):
            loss, p = step(tf.constant(x_train[rows]), tf.constant(y_train[rows]))
            shares.update_state(y_train[rows], p)
            total += loss.numpy() * len(rows)
        return total

    model.optimizer.build(model.trainable_variables)
    history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for _ in range(epochs):
        shares.reset_state()
        history["loss"].append(one_epoch() / len(x_train))
        history["accuracy"].append(float(shares.result()))
        p = model(x_test).numpy()
        history["val_loss"].append(float(cross_entropy(y_test, p)))
        history["val_accuracy"].append(float(np.mean(p.argmax(axis=1) == labels_test)))
    return model, history


models, histories = {}, {}
for hidden in NETWORKS:
    models[hidden], histories[hidden] = train(hidden, EPOCHS)
