"""Nothing stands between the linear layers.

Loses: test_q6_model
Earns: test_q6_model 1.75
Says: ReLU belongs between them
"""
# %% q6_model
class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(784, 256),
            nn.Linear(256, 128),
            nn.Linear(128, 10),
        )

    def forward(self, x):
        return self.layers(x)
