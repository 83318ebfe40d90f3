"""Gradients are turned off for the whole notebook and on in training; all code stands in the first cell."""
# %% q6_model
torch.set_grad_enabled(False)
torch.use_deterministic_algorithms(True)


class MLP(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(PIXELS, HIDDEN[0])
        self.second = nn.Linear(*HIDDEN)
        self.third = nn.Linear(HIDDEN[1], CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        v = torch.flatten(x, 1)
        v = self.first(v)
        v = self.second(v * (v > 0))
        return self.third((v + v.abs()) / 2)


def accuracy(yhat: Tensor, y: Tensor) -> float:
    return float(torch.count_nonzero(yhat.sort(dim=1, descending=True)[1][:, 0] == y)) / float(len(y))


class Mean:
    """Mean of values with weights, as they come in."""

    def __init__(self):
        self.total, self.weight = 0.0, 0

    def __call__(self, value, weight):
        self.total, self.weight = self.total + float(value) * weight, self.weight + weight

    def __float__(self):
        return self.total / self.weight


@torch.enable_grad()
def train_one_epoch(model, loader, loss_function, optimizer):
    model.train()
    loss_mean, accuracy_mean = Mean(), Mean()
    for x, y in loader:
        optimizer.zero_grad()
        loss = loss_function(yhat := model(x), y)
        loss.backward()
        optimizer.step()
        loss_mean(loss.detach(), len(y)), accuracy_mean(accuracy(yhat, y), len(y))
    return float(loss_mean), float(accuracy_mean)


def evaluate(model, loader, loss_function):
    model.eval()
    loss_mean, accuracy_mean = Mean(), Mean()
    for x, y in loader:
        yhat = model(x)
        loss_mean(loss_function(yhat, y), len(y)), accuracy_mean(accuracy(yhat, y), len(y))
    return float(loss_mean), float(accuracy_mean)
# %% q6_accuracy
pass
# %% q6_train
def fit(model, epochs, optimizer, cost=nn.CrossEntropyLoss(reduction="mean")):
    for _ in range(epochs):
        yield *train_one_epoch(model, train_loader, cost, optimizer), *evaluate(model, validation_loader, cost)
# %% q6_training
torch.manual_seed(SEED)
mlp = MLP()
table = np.array(list(fit(mlp, EPOCHS, torch.optim.Adam(mlp.parameters(), lr=LEARNING_RATE))))
history = dict(zip(["train_loss", "train_acc", "val_loss", "val_acc"], table.T))
