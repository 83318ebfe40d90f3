"""argmax gives 0 where 90 % is never reached, so epochs_to_90 is 1 there.

Loses: test_q3_experiments
Says: should be None
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
        epochs = int(np.argmax(np.array(accuracies) >= 0.9)) + 1
        results[dataset][activation] = {"accuracy": accuracies[-1], "epochs_to_90": epochs}

findings = {
    "linearly_separable": "gauss",
    "linear_fails_on": ["circle", "xor", "spiral"],
    "sooner_on_circle": "tanh",
    "unsolved_by_all": "spiral",
}
