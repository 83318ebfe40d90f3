"""The student number is typed in Persian digits with a space and an invisible mark; the numbers are its own."""
# %% q1_identity
identity = "‏۹۸ ۱۲۳۴۵۶ "
# %% q1_numbers
answers = {}
answers["z1_1"] = -0.9000
answers["z1_2"] = 0.1000
answers["a1_1"] = 0.2891
answers["a1_2"] = 0.5250
answers["z2"] = -0.1717
answers["yhat"] = 0.4572
answers["loss"] = 0.7827
answers["dW2_1"] = -0.1569
answers["dW2_2"] = -0.2850
answers["db2"] = -0.5428
