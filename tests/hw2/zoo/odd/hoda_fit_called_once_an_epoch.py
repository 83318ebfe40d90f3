"""fit is called once for each epoch, and the four curves are put together as arrays and tuples."""
# %% q4_train
from collections import defaultdict


def train(hidden, epochs):
    model, curves = build_model(hidden), defaultdict(list)
    for _ in range(epochs):
        order = np.random.permutation(len(x_train))
        part = model.fit(x_train[order], y_train[order], batch_size=BATCH_SIZE, shuffle=False, verbose=0)
        loss, share = model.evaluate(x_test, y_test, verbose=0, batch_size=len(x_test))
        for key, value in {**part.history, "val_loss": loss, "val_accuracy": share}.items():
            curves[key].extend(np.ravel(value))
    return model, {key: np.array(values, dtype=np.float32) for key, values in curves.items()}


models, histories = {}, {}
for hidden in reversed(list(NETWORKS)):
    models[hidden], history = train(hidden, epochs=EPOCHS)
    histories[hidden] = {key: tuple(values) for key, values in history.items()}
    plt.plot(history["loss"], label=str(hidden))
plt.legend()
plt.show()
