"""Layers in an nn.ModuleList, reshape, torch.clamp as the ReLU, Xavier's weights, and results as lists."""
# %% q6_model
class MLP(nn.Module):
    """پرسپترون چندلایه."""

    def __init__(self):
        super().__init__()
        اندازه_ها = [784, 256, 128, 10]
        self.لایه_ها = nn.ModuleList()
        for ورودی, خروجی in zip(اندازه_ها[:-1], اندازه_ها[1:]):
            self.لایه_ها.append(nn.Linear(ورودی, خروجی, bias=True))
        self.apply(self.آغاز)

    @staticmethod
    def آغاز(بخش):
        if isinstance(بخش, nn.Linear):
            nn.init.xavier_uniform_(بخش.weight)
            nn.init.zeros_(بخش.bias)

    def forward(self, x):
        h = x.reshape(len(x), 784)
        for n, لایه in enumerate(self.لایه_ها):
            h = لایه(h if n == 0 else torch.clamp(h, min=0))
        return h
# %% q6_accuracy
def accuracy(yhat, y):
    right = 0
    for guess, label in zip(yhat.max(dim=1).indices.tolist(), y.tolist()):
        right += guess == label
    return right / len(y)
# %% q6_train
def one_pass(model, loader, cost, after=lambda loss: None):
    """Both loops in one: `after` gets the loss of each batch."""
    total, right, n = 0.0, 0.0, 0
    for x, y in loader:
        z = model(x)
        loss = cost(z, y)
        after(loss)
        total, right, n = total + float(loss) * len(x), right + accuracy(z, y) * len(x), n + len(x)
    return [total / n, right / n]


def train_one_epoch(model, loader, loss_function, optimizer):
    def learn(loss):
        model.zero_grad()
        loss.backward()
        optimizer.step()

    return one_pass(model.train(), loader, loss_function, learn)


def evaluate(model, loader, loss_function):
    with torch.inference_mode():
        return one_pass(model.eval(), loader, loss_function)
# %% q6_training
torch.manual_seed(SEED)
mlp = MLP()
history = {key: [] for key in ("val_acc", "val_loss", "train_acc", "train_loss")}
adam = torch.optim.Adam([{"params": layer.parameters()} for layer in mlp.لایه_ها], lr=LEARNING_RATE)
while len(history["val_acc"]) < EPOCHS:
    for part, (loss, share) in (
        ("train", train_one_epoch(mlp, train_loader, nn.CrossEntropyLoss(), adam)),
        ("val", evaluate(mlp, validation_loader, nn.CrossEntropyLoss())),
    ):
        history[f"{part}_loss"].append(loss)
        history[f"{part}_acc"].append(share)
