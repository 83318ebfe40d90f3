"""Most functions are imported from a Python file that was handed in beside the notebook."""
# %% file my_network.py
import numpy as np

__all__ = ["relu", "relu_derivative", "sigmoid", "binary_cross_entropy", "forward"]


def relu(a):
    return np.maximum(0.0, a)


def relu_derivative(a):
    return a > 0


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def binary_cross_entropy(yhat, y):
    return -np.mean(y * np.log2(yhat) + (1 - y) * np.log2(1 - yhat))


def forward(x, W1, W2, b1, b2):
    return sigmoid(relu(x @ W1 + b1) @ W2 + b2)
# %% q5_activations
from my_network import *
# %% q5_forward
from my_network import forward
