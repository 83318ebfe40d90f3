"""The ten numbers are NumPy scalars, arrays of no axis and arrays of shape (1, 1)."""
# %% q1_numbers
answers = {}
answers["z1_1"], answers["z1_2"] = np.array([0.5, -1.3])
answers["a1_1"] = np.float32(0.622459)
answers["a1_2"] = np.array(0.214165)
answers["z2"] = np.array([[-0.160102]])
answers["yhat"] = np.array([0.460060])
answers["loss"] = np.float64(0.776399)
answers["dW2_1"], answers["dW2_2"] = np.array([[-0.336091], [-0.115636]])
answers["db2"] = np.array(-0.539940, dtype=np.float32)
