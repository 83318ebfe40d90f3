r"""The bias of the output is left out; all that follows is worked out rightly.

Loses: test_q1_numbers
Says: z2'\] is not right: .*bias is missing
Earns: test_q1_numbers 4.5
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 0.3000
answers["z1_2"] = -0.9000
answers["a1_1"] = 0.5744
answers["a1_2"] = 0.2891
answers["z2"] = 0.3150
answers["yhat"] = 0.5781
answers["loss"] = 0.5480
answers["dW2_1"] = -0.2424
answers["dW2_2"] = -0.1219
answers["db2"] = -0.4219
