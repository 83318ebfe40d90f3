"""The hidden units use tanh; all that follows is worked out rightly.

Loses: test_q1_numbers
Says: tanh was used
Earns: test_q1_numbers 4.5
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 0.5000
answers["z1_2"] = -1.3000
answers["a1_1"] = 0.4621
answers["a1_2"] = -0.8617
answers["z2"] = 0.6204
answers["yhat"] = 0.6503
answers["loss"] = 0.4303
answers["dW2_1"] = -0.1616
answers["dW2_2"] = 0.3013
answers["db2"] = -0.3497
