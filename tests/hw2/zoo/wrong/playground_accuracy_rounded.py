"""The accuracies are rounded to one decimal.

Loses: test_q3_experiments
Says: round
Earns: test_q3_experiments 5.5
"""
# %% q3_experiments
runs = {}
results = {}
for dataset in datasets.PLAYGROUND:
    runs[dataset] = {}
    results[dataset] = {}
    for activation in ACTIVATIONS:
        run = train(dataset, activation)
        runs[dataset][activation] = run
        accuracies = run["accuracy"]
        epochs = None
        for epoch, accuracy in enumerate(accuracies, start=1):
            if accuracy >= 0.9:
                epochs = epoch
                break
        results[dataset][activation] = {"accuracy": round(accuracies[-1], 1), "epochs_to_90": epochs}

findings = {
    "linearly_separable": "gauss",
    "linear_fails_on": ["circle", "xor", "spiral"],
    "sooner_on_circle": "tanh",
    "unsolved_by_all": "spiral",
}
