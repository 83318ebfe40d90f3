"""The test images are among those that the model is fitted to.

Loses: test_q4_train
Says: x_test
"""
# %% q4_train
def train(hidden, epochs):
    model = build_model(hidden)
    x_all, y_all = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])
    record = model.fit(
        x_all, y_all, epochs=epochs, batch_size=BATCH_SIZE, validation_data=(x_test, y_test), verbose=0
    )
    return model, record.history


models, histories = {}, {}
for hidden in NETWORKS:
    models[hidden], histories[hidden] = train(hidden, EPOCHS)
