"""Every epoch is a fit of its own, and only the last one's history is returned.

Loses: test_q4_train
Says: one for each epoch is needed
"""
# %% q4_train
def train(hidden, epochs):
    model = build_model(hidden)
    for epoch in range(epochs):
        record = model.fit(x_train, y_train, batch_size=BATCH_SIZE, validation_data=(x_test, y_test), verbose=0)
    return model, record.history


models, histories = {}, {}
for hidden in NETWORKS:
    models[hidden], histories[hidden] = train(hidden, EPOCHS)
