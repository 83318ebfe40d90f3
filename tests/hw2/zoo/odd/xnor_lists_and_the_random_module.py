"""Plain Python lists and the module random do the work, and arrays are made at the end."""
# %% q5_backprop
def backprop(x, W1, W2, b1, b2, y, alpha):
    u, v = x.tolist()[0]
    w1, w2, c1, c2 = W1.tolist(), W2.tolist(), b1.tolist()[0], b2.item()
    z = [u * w1[0][j] + v * w1[1][j] + c1[j] for j in range(3)]
    h = [max(0, value) for value in z]
    error = forward(x, W1, W2, b1, b2).item() - y.item()
    back = [error * w2[j][0] * (z[j] > 0) for j in range(3)]
    new_W1 = [[w1[i][j] - alpha * (u, v)[i] * back[j] for j in range(3)] for i in range(2)]
    new_W2 = [[w2[j][0] - alpha * error * h[j]] for j in range(3)]
    new_b1 = [[c1[j] - alpha * back[j] for j in range(3)]]
    return np.array(new_W1), np.array(new_W2), np.array(new_b1), np.array([[c2 - alpha * error]])
# %% q5_train
import random


def train(x, y, epochs=500, alpha=0.1, seed=0):
    dice = random.Random(seed)
    W1, W2, b1, b2 = (
        np.array([[dice.random() for _ in range(columns)] for _ in range(rows)])
        for rows, columns in ((2, 3), (3, 1), (1, 3), (1, 1))
    )
    for _ in range(epochs):
        for i in range(x.shape[0]):
            W1, W2, b1, b2 = backprop(x[i].reshape(1, -1), W1, W2, b1, b2, y[i].reshape(1, -1), alpha)
    return W1, W2, b1, b2
