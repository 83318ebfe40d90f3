"""The ten numbers are NumPy scalars, arrays of no axis and arrays of shape (1, 1)."""
# %% q1_numbers
answers = {}
answers["z1_1"], answers["z1_2"] = np.array([0.3, -0.9])
answers["a1_1"] = np.float32(0.574443)
answers["a1_2"] = np.array(0.289050)
answers["z2"] = np.array([[-0.284971]])
answers["yhat"] = np.array([0.429235])
answers["loss"] = np.float64(0.845750)
answers["dW2_1"], answers["dW2_2"] = np.array([[-0.327871], [-0.164980]])
answers["db2"] = np.array(-0.570765, dtype=np.float32)
