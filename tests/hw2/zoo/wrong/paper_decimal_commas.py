"""The numbers are written with decimal commas, which makes pairs of whole numbers.

Loses: test_q1_numbers
Says: expected a number
Earns: test_q1_numbers 0
"""
# %% q1_numbers
answers = {}
answers["z1_1"] = 0,5
answers["z1_2"] = -1,3
answers["a1_1"] = 0,6225
answers["a1_2"] = 0,2142
answers["z2"] = -0,1601
answers["yhat"] = 0,4601
answers["loss"] = 0,7764
answers["dW2_1"] = -0,3361
answers["dW2_2"] = -0,1156
answers["db2"] = -0,5399
