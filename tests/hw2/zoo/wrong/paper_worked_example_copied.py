"""The numbers are those of the worked example.

Loses: test_q1_numbers
Says: hidden unit j adds up
Earns: test_q1_numbers 0.5
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 0.2000
answers["z1_2"] = 0.2000
answers["a1_1"] = 0.5498
answers["a1_2"] = 0.5498
answers["z2"] = 0.0997
answers["yhat"] = 0.5249
answers["loss"] = 0.7442
answers["dW2_1"] = 0.2886
answers["dW2_2"] = 0.2886
answers["db2"] = 0.5249
