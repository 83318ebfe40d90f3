"""The numbers are those of the worked example.

Loses: test_q1_numbers
Says: hidden unit j adds up
Earns: test_q1_numbers 0.5
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 0.4000
answers["z1_2"] = 0.4000
answers["a1_1"] = 0.5987
answers["a1_2"] = 0.5987
answers["z2"] = 0.1974
answers["yhat"] = 0.5492
answers["loss"] = 0.7967
answers["dW2_1"] = 0.3288
answers["dW2_2"] = 0.3288
answers["db2"] = 0.5492
