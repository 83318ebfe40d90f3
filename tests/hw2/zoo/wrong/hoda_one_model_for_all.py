r"""One model is made outside the function and trained three times.

Loses: test_q4_train
Says: build it with build_model\(hidden\)
"""
# %% q4_train
model = build_model((50, 30, 15))


def train(hidden, epochs):
    record = model.fit(
        x_train, y_train, epochs=epochs, batch_size=BATCH_SIZE, validation_data=(x_test, y_test), verbose=0
    )
    return model, record.history


models, histories = {}, {}
for hidden in NETWORKS:
    models[hidden], histories[hidden] = train(hidden, EPOCHS)
