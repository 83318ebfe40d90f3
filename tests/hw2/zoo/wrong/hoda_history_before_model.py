"""train() returns history and model in the wrong order.

Loses: test_q4_train
Says: return model, history
"""
# %% q4_train
def train(hidden, epochs):
    model = build_model(hidden)
    record = model.fit(
        x_train, y_train, epochs=epochs, batch_size=BATCH_SIZE, validation_data=(x_test, y_test), verbose=0
    )
    return record.history, model


models, histories = {}, {}
for hidden in NETWORKS:
    histories[hidden], models[hidden] = train(hidden, EPOCHS)
