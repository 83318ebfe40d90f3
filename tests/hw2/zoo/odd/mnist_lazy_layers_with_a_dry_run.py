"""nn.LazyLinear with a first call in __init__, and an optimizer step with a closure."""
# %% q6_model
class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        relu, flat = nn.ReLU(), nn.Flatten()
        self.layers = nn.ModuleList([flat, nn.LazyLinear(256), relu, nn.LazyLinear(128), relu, nn.LazyLinear(10)])
        with torch.no_grad():
            self(torch.zeros(1, 1, 28, 28))

    def forward(self, x: Tensor) -> Tensor:
        from functools import reduce

        return reduce(lambda v, layer: layer(v), self.layers, x)
# %% q6_train
def train_one_epoch(model, loader, loss_function, optimizer):
    from math import fsum

    model.train()
    losses, hits, count = [], [], 0
    for x, y in loader:
        def closure():
            optimizer.zero_grad()
            z = model(x)
            loss = loss_function(z, y)
            loss.backward()
            hits.append(accuracy(z, y) * len(y))
            return loss

        losses.append(float(optimizer.step(closure)) * len(y))
        count += len(y)
    return fsum(losses) / count, fsum(hits) / count


def evaluate(model, loader, loss_function):
    model.eval()
    losses = hits = count = torch.tensor(0.0)
    with torch.set_grad_enabled(False):
        for x, y in loader:
            n = torch.tensor(y.numel())
            losses = losses + n * loss_function(model(x), y)
            hits = hits + n * accuracy(model(x), y)
            count = count + n
    return losses / count, hits / count
# %% q6_training
torch.manual_seed(SEED)
mlp = MLP()
history = {"train_loss": [], "train_acc": [], "val_loss": [], "val_acc": []}
adam = torch.optim.Adam(mlp.parameters(), lr=LEARNING_RATE)
for epoch in range(EPOCHS):
    figures = [*train_one_epoch(mlp, train_loader, nn.CrossEntropyLoss(), adam), *evaluate(mlp, validation_loader, nn.CrossEntropyLoss())]
    for key, value in zip(history, figures):
        history[key].append(value)
