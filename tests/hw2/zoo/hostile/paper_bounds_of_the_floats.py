"""The smallest and the largest floats, and negative zero, in turn.

Kind: work not done
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
ends = [5e-324, -1.7976931348623157e308, -0.0, 1.7976931348623157e308, 2.2e-308]
answers: dict[str, float] = {key: ends[n % 5] for n, key in enumerate(("z1_1", "z1_2", "a1_1", "a1_2", "z2", "yhat", "loss", "dW2_1", "dW2_2", "db2"))}
