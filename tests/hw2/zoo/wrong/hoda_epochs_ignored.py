r"""train() always runs EPOCHS epochs, whatever it is asked for.

Loses: test_q4_train
Says: entries after \d+ epochs
"""
# %% q4_train
def train(hidden, epochs):
    model = build_model(hidden)
    record = model.fit(
        x_train, y_train, epochs=EPOCHS, batch_size=BATCH_SIZE, validation_data=(x_test, y_test), verbose=0
    )
    return model, record.history


models, histories = {}, {}
for hidden in NETWORKS:
    models[hidden], histories[hidden] = train(hidden, EPOCHS)
