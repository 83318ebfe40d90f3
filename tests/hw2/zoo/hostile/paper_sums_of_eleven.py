"""The hidden sums are 11 and -11: a little more than any slip gives, and the sigmoid is 1 and 0.

Kind: work not done
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
z_2 = W2[0, 0] + b2[0, 0]
out = 1 / (1 + math.exp(-z_2))
answers: dict[str, float] = {"z1_1": 11, "z1_2": -11, "a1_1": 0.99998, "a1_2": 0.00002, "z2": z_2, "yhat": out}
answers |= {"loss": -math.log(out), "db2": out - 1, "dW2_1": out - 1, "dW2_2": 0.0}
