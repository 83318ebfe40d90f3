"""The images are put into a random order and the labels are not.

Loses: test_q4_train
Says: on hidden images
"""
# %% q4_train
def train(hidden, epochs):
    model = build_model(hidden)
    order = np.random.permutation(len(x_train))
    record = model.fit(
        x_train[order], y_train, epochs=epochs, batch_size=BATCH_SIZE, validation_data=(x_test, y_test), verbose=0
    )
    return model, record.history


models, histories = {}, {}
for hidden in NETWORKS:
    models[hidden], histories[hidden] = train(hidden, EPOCHS)
