"""The functions use math.exp and if, so they work for one number only.

Loses: test_q3_activations, test_q3_experiments
Says: array
"""
# %% q3_activations
import math


def linear(z):
    return z


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def tanh(z):
    return np.tanh(z)


def relu(z):
    if z > 0:
        return z
    return 0


def linear_derivative(z):
    return np.ones_like(z)


def sigmoid_derivative(z):
    return sigmoid(z) * (1 - sigmoid(z))


def tanh_derivative(z):
    return 1 - tanh(z) ** 2


def relu_derivative(z):
    if z > 0:
        return 1
    return 0
