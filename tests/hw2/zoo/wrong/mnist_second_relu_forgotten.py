"""Only the first hidden layer has a ReLU.

Loses: test_q6_model
Says: flatten, linear, relu, linear, relu, linear
"""
# %% q6_model
class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(784, 256),
            nn.ReLU(),
            nn.Linear(256, 128),
            nn.Linear(128, 10),
        )

    def forward(self, x):
        return self.layers(x)
