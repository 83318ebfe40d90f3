"""Loss and gradients are those of the squared error, so yhat (1 - yhat) is left over.

Loses: test_q1_numbers
Says: squared error
Earns: test_q1_numbers 2.5
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 0.5000
answers["z1_2"] = -1.3000
answers["a1_1"] = 0.6225
answers["a1_2"] = 0.2142
answers["z2"] = -0.1601
answers["yhat"] = 0.4601
answers["loss"] = 0.2915
answers["dW2_1"] = -0.0835
answers["dW2_2"] = -0.0287
answers["db2"] = -0.1341
