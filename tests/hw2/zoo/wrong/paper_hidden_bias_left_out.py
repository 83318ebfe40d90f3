r"""The biases of the hidden units are left out; all that follows is worked out rightly.

Loses: test_q1_numbers
Says: z1_1'\] is not right: .*bias is missing
Earns: test_q1_numbers 4
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 0.1000
answers["z1_2"] = -0.8000
answers["a1_1"] = 0.5250
answers["a1_2"] = 0.3100
answers["z2"] = -0.3350
answers["yhat"] = 0.4170
answers["loss"] = 0.8746
answers["dW2_1"] = -0.3061
answers["dW2_2"] = -0.1807
answers["db2"] = -0.5830
