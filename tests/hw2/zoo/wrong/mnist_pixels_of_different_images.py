"""Reshaping to 784 rows and transposing mixes the pixels of different images.

Loses: test_q6_model, test_q6_train
Says: flatten each image by itself
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
        return self.layers(x.reshape(784, -1).T)
