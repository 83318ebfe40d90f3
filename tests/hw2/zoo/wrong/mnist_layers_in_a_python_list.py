"""PyTorch does not look into a plain list, so the network has no parameters.

Loses: test_q6_model, test_q6_train
Earns: test_q6_train 6
Says: has no parameters
"""
# %% q6_model
class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(784, 256), nn.Linear(256, 128), nn.Linear(128, 10)]

    def forward(self, x):
        x = x.flatten(start_dim=1)
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return self.layers[-1](x)
