"""The minus signs of the second input and of the second output weight are lost.

Loses: test_q1_numbers
Says: minus sign is lost
Earns: test_q1_numbers 0.5
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 1.9000
answers["z1_2"] = -1.7000
answers["a1_1"] = 0.8699
answers["a1_2"] = 0.1545
answers["z2"] = 0.1731
answers["yhat"] = 0.5432
answers["loss"] = 0.6103
answers["dW2_1"] = -0.3974
answers["dW2_2"] = -0.0706
answers["db2"] = -0.4568
