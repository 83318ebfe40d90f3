r"""The biases of the hidden units are left out; all that follows is worked out rightly.

Loses: test_q1_numbers
Says: z1_1'\] is not right: .*bias is missing
Earns: test_q1_numbers 4
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 0.4000
answers["z1_2"] = -1.1000
answers["a1_1"] = 0.5987
answers["a1_2"] = 0.2497
answers["z2"] = -0.2004
answers["yhat"] = 0.4501
answers["loss"] = 0.7984
answers["dW2_1"] = -0.3292
answers["dW2_2"] = -0.1373
answers["db2"] = -0.5499
