"""z2 is right, and the output is a whole number of three hundred digits: error signal and gradients follow.

Kind: work not done
Loses: test_q1_numbers
Earns: test_q1_numbers 2
"""
# %% q1_numbers
out = 10**300
z = x @ W1 + b1
a = 1 / (1 + np.exp(-z))
answers: dict[str, float] = {f"z1_{j + 1}": float(z[0, j]) for j in range(2)}
answers |= {"a1_1": a[0, 0], "a1_2": a[0, 1], "z2": float((a @ W2 + b2)[0, 0]), "yhat": out, "loss": 0.5}
answers |= {"db2": out - 1, "dW2_1": out * float(a[0, 0]), "dW2_2": out * float(a[0, 1])}
