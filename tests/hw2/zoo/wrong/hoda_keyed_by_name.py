r"""Both dicts have the networks' names as keys.

Loses: test_q4_train
Says: has no key \(\)
"""
# %% q4_train
def train(hidden, epochs):
    model = build_model(hidden)
    record = model.fit(
        x_train, y_train, epochs=epochs, batch_size=BATCH_SIZE, validation_data=(x_test, y_test), verbose=0
    )
    return model, record.history


models, histories = {}, {}
for hidden, name in NETWORKS.items():
    models[name], histories[name] = train(hidden, EPOCHS)
