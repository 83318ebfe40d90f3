"""The hidden units use tanh; all that follows is worked out rightly.

Loses: test_q1_numbers
Says: tanh was used
Earns: test_q1_numbers 4.5
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 0.3000
answers["z1_2"] = -0.9000
answers["a1_1"] = 0.2913
answers["a1_2"] = -0.7163
answers["z2"] = -0.0088
answers["yhat"] = 0.4978
answers["loss"] = 0.6976
answers["dW2_1"] = -0.1463
answers["dW2_2"] = 0.3597
answers["db2"] = -0.5022
