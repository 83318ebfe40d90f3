"""The minus signs of the second input and of the second output weight are lost.

Loses: test_q1_numbers
Says: minus sign of the second input
Earns: test_q1_numbers 0.5
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 0.9000
answers["z1_2"] = -1.1000
answers["a1_1"] = 0.7109
answers["a1_2"] = 0.2497
answers["z2"] = 0.2553
answers["yhat"] = 0.5635
answers["loss"] = 0.5736
answers["dW2_1"] = -0.3103
answers["dW2_2"] = -0.1090
answers["db2"] = -0.4365
