"""NaN, infinities, truth values, texts and integers beyond all floats where numbers are asked for.

Kind: work not done
Loses: test_q1_numbers
Earns: test_q1_numbers 0
"""
# %% q1_numbers
ends = [float("nan"), float("inf"), -float("inf"), 10**400, True, 1j, "nan", None, np.array([np.nan]), [0.5]]
answers: dict[str, float] = dict(zip(("z1_1", "z1_2", "a1_1", "a1_2", "z2", "yhat", "loss", "dW2_1", "dW2_2", "db2"), ends))
