"""Loss and gradients are those of the squared error, so yhat (1 - yhat) is left over.

Loses: test_q1_numbers
Says: squared error
Earns: test_q1_numbers 2.5
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 0.3000
answers["z1_2"] = -0.9000
answers["a1_1"] = 0.5744
answers["a1_2"] = 0.2891
answers["z2"] = -0.2850
answers["yhat"] = 0.4292
answers["loss"] = 0.3258
answers["dW2_1"] = -0.0803
answers["dW2_2"] = -0.0404
answers["db2"] = -0.1398
