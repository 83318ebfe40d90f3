"""The activations are left at 0, so that z2 is the bias, and the output, loss and error signal follow from it.

Kind: work not done
Loses: test_q1_numbers
Earns: test_q1_numbers 1
"""
# %% q1_numbers
out = 1 / (1 + math.exp(-b2[0, 0]))
answers: dict[str, float] = {f"z1_{j + 1}": float((x @ W1 + b1)[0, j]) for j in range(2)}
answers |= {"a1_1": 1e-300, "a1_2": -0.0, "z2": b2[0, 0], "yhat": out, "loss": -math.log(out)}
answers |= {"db2": out - 1, "dW2_1": 0, "dW2_2": 0}
