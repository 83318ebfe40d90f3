"""The line that stores the history stands after the loop, so all three are the last one's.

Loses: test_q4_train
Says: model and history of the same training
"""
# %% q4_train
def train(hidden, epochs):
    model = build_model(hidden)
    record = model.fit(
        x_train, y_train, epochs=epochs, batch_size=BATCH_SIZE, validation_data=(x_test, y_test), verbose=0
    )
    return model, record.history


models, histories = {}, {}
for hidden in NETWORKS:
    models[hidden], history = train(hidden, EPOCHS)
for hidden in NETWORKS:
    histories[hidden] = history
