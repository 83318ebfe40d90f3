"""One activation is a million: one in a hundred of its product hides the other product and the bias.

Kind: work not done
Loses: test_q1_numbers
Earns: test_q1_numbers 1
"""
# %% q1_numbers
big = 1e6
answers: dict[str, float] = {f"z1_{j + 1}": float((x @ W1 + b1)[0, j]) for j in range(2)}
answers |= {"a1_1": big if W2[0, 0] > 0 else -big, "a1_2": 0.3, "z2": big * abs(W2[0, 0]), "yhat": 1.0}
answers |= {"loss": 0.0, "db2": 0.0, "dW2_1": 0.0, "dW2_2": 0.0}
