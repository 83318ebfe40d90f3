"""The numbers are written with decimal commas, below the line that says that they are numbers."""
# %% q1_numbers
answers: dict[str, float] = {}
answers["z1_1"] = 0,3
answers["z1_2"] = -0,9000
answers["a1_1"] = 0,5744
answers["a1_2"] = 0,2891
answers["z2"] = -0,2850
answers["yhat"] = 0,4292
answers["loss"] = 0,8457
answers["dW2_1"] = -0,3279
answers["dW2_2"] = -0,165  # rounded
answers["db2"] = -0,5708
