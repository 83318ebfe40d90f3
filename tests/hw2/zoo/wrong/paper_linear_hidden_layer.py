"""The sigmoid of the hidden units is forgotten; all that follows is worked out rightly.

Loses: test_q1_numbers
Says: sigmoid was left out
Earns: test_q1_numbers 4.5
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 0.3000
answers["z1_2"] = -0.9000
answers["a1_1"] = 0.3000
answers["a1_2"] = -0.9000
answers["z2"] = 0.0900
answers["yhat"] = 0.5225
answers["loss"] = 0.6492
answers["dW2_1"] = -0.1433
answers["dW2_2"] = 0.4298
answers["db2"] = -0.4775
