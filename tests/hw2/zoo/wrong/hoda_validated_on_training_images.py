"""Validation uses the training images.

Loses: test_q4_train
Says: validate on them
"""
# %% q4_train
def train(hidden, epochs):
    model = build_model(hidden)
    record = model.fit(
        x_train, y_train, epochs=epochs, batch_size=BATCH_SIZE, validation_data=(x_train, y_train), verbose=0
    )
    return model, record.history


models, histories = {}, {}
for hidden in NETWORKS:
    models[hidden], histories[hidden] = train(hidden, EPOCHS)
