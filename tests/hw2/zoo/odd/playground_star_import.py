"""Everything of NumPy is imported by its bare name, which hides some built-in functions."""
# %% before q3_activations
from numpy import *
# %% q3_activations
def linear(z): return array(z)
def sigmoid(z): return exp(-logaddexp(0, -z))
def tanh(z): return sinh(clip(z, -300, 300)) / cosh(clip(z, -300, 300))
def relu(z): return fmax(z, 0)
def linear_derivative(z): return ones(shape(z), dtype=float32)
def sigmoid_derivative(z): return sigmoid(z) * sigmoid(-z)
def tanh_derivative(z): return 1 / cosh(clip(z, -300, 300)) ** 2
def relu_derivative(z): return select([z > 0, z < 0], [1, 0], default=0.5)
