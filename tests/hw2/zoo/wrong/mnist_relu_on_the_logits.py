"""A third ReLU follows on the output layer, and classes that start below 0 never learn.

Loses: test_q6_model
Earns: test_q6_train 7
Says: nothing should follow the last linear layer
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
            nn.ReLU(),
            nn.Linear(128, 10),
            nn.ReLU(),
        )

    def forward(self, x):
        return self.layers(x)
