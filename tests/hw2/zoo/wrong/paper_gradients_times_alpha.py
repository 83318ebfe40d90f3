"""The gradients are already multiplied by the learning rate.

Loses: test_q1_numbers
Says: multiplied by alpha
Earns: test_q1_numbers 3
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 0.3000
answers["z1_2"] = -0.9000
answers["a1_1"] = 0.5744
answers["a1_2"] = 0.2891
answers["z2"] = -0.2850
answers["yhat"] = 0.4292
answers["loss"] = 0.8457
answers["dW2_1"] = -0.1639
answers["dW2_2"] = -0.0825
answers["db2"] = -0.2854
