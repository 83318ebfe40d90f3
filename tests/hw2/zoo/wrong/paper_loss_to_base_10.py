"""The loss uses the key `log` of the pocket calculator, which is to base 10.

Loses: test_q1_numbers
Says: base 10
Earns: test_q1_numbers 4.5
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 0.5000
answers["z1_2"] = -1.3000
answers["a1_1"] = 0.6225
answers["a1_2"] = 0.2142
answers["z2"] = -0.1601
answers["yhat"] = 0.4601
answers["loss"] = 0.3371
answers["dW2_1"] = -0.3361
answers["dW2_2"] = -0.1156
answers["db2"] = -0.5399
