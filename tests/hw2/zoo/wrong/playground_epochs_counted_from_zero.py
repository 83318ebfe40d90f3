"""The epochs are counted from 0.

Loses: test_q3_experiments
Says: the first epoch is number 1
Earns: test_q3_experiments 4.5
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
        for epoch, accuracy in enumerate(accuracies):
            if accuracy >= 0.9:
                epochs = epoch
                break
        results[dataset][activation] = {"accuracy": accuracies[-1], "epochs_to_90": epochs}

findings = {
    "linearly_separable": "gauss",
    "linear_fails_on": ["circle", "xor", "spiral"],
    "sooner_on_circle": "tanh",
    "unsolved_by_all": "spiral",
}
