"""Weights of shape (in, out) as nn.Parameter, einsum, torch.where, and gradients by torch.autograd.grad."""
# %% q6_model
class Affine(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.W = nn.Parameter(torch.randn(inputs, outputs) * (2 / inputs) ** 0.5)
        self.b = nn.Parameter(torch.zeros(outputs))

    def forward(self, v):
        return torch.einsum("ni,ij->nj", v, self.W) + self.b


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleDict({"1": Affine(784, 256), "2": Affine(256, 128), "3": Affine(128, 10)})

    def forward(self, x):
        zero = torch.zeros(())
        h = self.layers["1"](x.squeeze(1).flatten(1))
        h = self.layers["2"](torch.where(h > 0, h, zero))
        return self.layers["3"](torch.maximum(h, zero))
# %% q6_accuracy
def accuracy(yhat, y):
    import torch.nn.functional as F

    guesses = F.one_hot(yhat.softmax(dim=1).argmax(dim=1), 10)
    return (guesses * F.one_hot(y, 10)).sum().div(len(y)).item()
# %% q6_train
def train_one_epoch(model, loader, loss_function, optimizer):
    model.train()
    parameters = [p for p in model.parameters() if p.requires_grad]
    mean_loss = mean_accuracy = seen = 0
    for x, y in loader:
        z = model(x)
        loss = loss_function(z, y)
        for p, gradient in zip(parameters, torch.autograd.grad(loss, parameters, allow_unused=True)):
            p.grad = gradient
        optimizer.step()
        seen += len(y)
        mean_loss += (loss.item() - mean_loss) * len(y) / seen
        mean_accuracy += (accuracy(z, y) - mean_accuracy) * len(y) / seen
    return mean_loss, mean_accuracy


def evaluate(model, loader, loss_function):
    import copy

    still = copy.deepcopy(model).eval().requires_grad_(False)
    rows = [(len(y) * loss_function(still(x), y).item(), len(y) * accuracy(still(x), y), len(y)) for x, y in loader]
    loss, right, n = map(sum, zip(*rows))
    return loss / n, right / n
# %% q6_training
torch.manual_seed(SEED)
mlp = MLP()
history = {"train_loss": [], "train_acc": [], "val_loss": [], "val_acc": []}
adam = torch.optim.Adam(mlp.parameters(), lr=LEARNING_RATE)
for epoch in range(EPOCHS):
    train_figures = train_one_epoch(mlp, train_loader, nn.CrossEntropyLoss(), adam)
    history["train_loss"].append(train_figures[0]); history["train_acc"].append(train_figures[1])
    val_figures = evaluate(mlp, validation_loader, nn.CrossEntropyLoss())
    history["val_loss"].append(val_figures[0]); history["val_acc"].append(val_figures[1])
