"""The numbers are a neighbour's, right for another network than the student's own.

Loses: test_q1_numbers
Says: is not right
Earns: test_q1_numbers 0.5
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = -0.9000
answers["z1_2"] = 0.1000
answers["a1_1"] = 0.2891
answers["a1_2"] = 0.5250
answers["z2"] = -0.1717
answers["yhat"] = 0.4572
answers["loss"] = 0.7827
answers["dW2_1"] = -0.1569
answers["dW2_2"] = -0.2850
answers["db2"] = -0.5428
