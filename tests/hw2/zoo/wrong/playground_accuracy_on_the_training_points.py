"""The accuracy is measured on the training points in place of the fresh ones.

Loses: test_q3_experiments
Says: is not what the trainer ends with
Earns: test_q3_experiments 5.5
"""
# %% q3_experiments
runs = {}
results = {}
for dataset in datasets.PLAYGROUND:
    runs[dataset] = {}
    results[dataset] = {}
    x, y, _, _ = data[dataset]
    for activation in ACTIVATIONS:
        run = train(dataset, activation)
        runs[dataset][activation] = run
        accuracies = run["accuracy"]
        epochs = None
        for epoch, accuracy in enumerate(accuracies, start=1):
            if accuracy >= 0.9:
                epochs = epoch
                break
        results[dataset][activation] = {"accuracy": np.mean((run["predict"](x) > 0.5) == y[:, 0]), "epochs_to_90": epochs}

findings = {
    "linearly_separable": "gauss",
    "linear_fails_on": ["circle", "xor", "spiral"],
    "sooner_on_circle": "tanh",
    "unsolved_by_all": "spiral",
}
