"""The images are flattened as if there were always BATCH_SIZE of them.

Loses: test_q6_model, test_q6_train
Earns: test_q6_train 6
Says: BATCH_SIZE
"""
# %% q6_model
class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(784, 256),
            nn.ReLU(),
            nn.Linear(256, 128),
            nn.ReLU(),
            nn.Linear(128, 10),
        )

    def forward(self, x):
        return self.layers(x.view(BATCH_SIZE, 784))
