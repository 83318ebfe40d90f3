"""Biases are rows of shape (1, n), as in question 5."""
# %% q6_model
class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        sizes = (784, 256, 128, 10)
        self.W = nn.ParameterList(nn.Parameter(torch.randn(a, b) * (2 / a) ** 0.5) for a, b in zip(sizes, sizes[1:]))
        self.b = nn.ParameterList(nn.Parameter(torch.zeros(1, b)) for b in sizes[1:])

    def forward(self, x):
        h = x.flatten(start_dim=1)
        for W, b in zip(self.W[:2], self.b[:2]):
            h = (h @ W + b).relu()
        return h @ self.W[2] + self.b[2]
