"""W1 is read with rows and columns exchanged; all that follows is worked out rightly.

Loses: test_q1_numbers
Says: rows and columns of W1
Earns: test_q1_numbers 4
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 1.9000
answers["z1_2"] = 1.5000
answers["a1_1"] = 0.8699
answers["a1_2"] = 0.8176
answers["z2"] = -0.3129
answers["yhat"] = 0.4224
answers["loss"] = 0.8618
answers["dW2_1"] = -0.5024
answers["dW2_2"] = -0.4722
answers["db2"] = -0.5776
