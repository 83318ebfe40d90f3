"""The figures of a friend who had another seed are typed in.

Loses: test_q3_experiments
Says: is not what the trainer ends with
Earns: test_q3_experiments 4
"""
# %% q3_experiments
runs = {dataset: {activation: train(dataset, activation) for activation in ACTIVATIONS} for dataset in data}
table = {
    "circle": [(0.5733, None), (1.0, 208), (0.9967, 65), (0.9967, 18)],
    "xor": [(0.45, None), (0.9633, 231), (0.9433, 14), (0.99, 2)],
    "gauss": [(1.0, 1), (1.0, 1), (1.0, 1), (1.0, 1)],
    "spiral": [(0.5933, None), (0.6033, None), (0.6467, None), (0.6333, None)],
}
results = {}
for dataset, row in table.items():
    results[dataset] = {}
    for activation, (accuracy, epochs) in zip(ACTIVATIONS, row):
        results[dataset][activation] = {"accuracy": accuracy, "epochs_to_90": epochs}
findings = {
    "linearly_separable": "gauss",
    "linear_fails_on": ["circle", "xor", "spiral"],
    "sooner_on_circle": "tanh",
    "unsolved_by_all": "spiral",
}
