"""ReLU was not trained on the spiral.

Loses: test_q3_experiments
Says: missing 'relu'
Earns: test_q3_experiments 4.5
"""
# %% q3_experiments
runs = {}
results = {}
for dataset in datasets.PLAYGROUND:
    runs[dataset] = {}
    results[dataset] = {}
    for activation in ACTIVATIONS:
        if (dataset, activation) == ("spiral", "relu"):
            continue
        run = train(dataset, activation)
        runs[dataset][activation] = run
        accuracies = run["accuracy"]
        epochs = None
        for epoch, accuracy in enumerate(accuracies, start=1):
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
