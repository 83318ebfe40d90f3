r"""The bias of the output is left out; all that follows is worked out rightly.

Loses: test_q1_numbers
Says: z2'\] is not right: .*bias is missing
Earns: test_q1_numbers 4.5
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 0.5000
answers["z1_2"] = -1.3000
answers["a1_1"] = 0.6225
answers["a1_2"] = 0.2142
answers["z2"] = 0.1399
answers["yhat"] = 0.5349
answers["loss"] = 0.6256
answers["dW2_1"] = -0.2895
answers["dW2_2"] = -0.0996
answers["db2"] = -0.4651
