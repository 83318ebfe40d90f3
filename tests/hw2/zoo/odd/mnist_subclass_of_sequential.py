"""MLP is an nn.Sequential without a forward of its own; figures are worked out from all logits at the end."""
# %% q6_model
from collections import OrderedDict


class MLP(nn.Sequential):
    def __init__(self):
        super().__init__(
            OrderedDict(
                flat=nn.Flatten(start_dim=1),
                hidden=nn.Sequential(nn.Linear(784, 256), nn.ReLU(inplace=True), nn.Linear(256, 128), nn.ReLU(inplace=True)),
                last=nn.Linear(128, 10),
            )
        )
# %% q6_accuracy
def accuracy(yhat, y):
    return torch.eq(torch.topk(yhat, k=1, dim=1).indices.squeeze(1), y).sum().item() / y.numel()
# %% q6_train
def train_one_epoch(model, loader, loss_function, optimizer):
    model.train()
    seen = []
    for x, y in loader:
        optimizer.zero_grad()
        z = model(x)
        loss_function(z, y).backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm=1e9)
        optimizer.step()
        seen.append((z.detach().clone(), y))
    z, y = map(torch.cat, zip(*seen))
    return loss_function(z, y).item(), accuracy(z, y)


def evaluate(model, loader, loss_function):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        z, y = map(torch.cat, zip(*[(model(x), y) for x, y in loader]))
        result = loss_function(z, y).item(), accuracy(z, y)
    model.train(was_training)
    return result
# %% q6_training
torch.manual_seed(SEED)
mlp = MLP()
history = {}
adam = torch.optim.Adam(mlp.parameters(), LEARNING_RATE)
schedule = torch.optim.lr_scheduler.LambdaLR(adam, lambda epoch: 1.0)
for epoch in range(EPOCHS):
    train_loss, train_acc = train_one_epoch(mlp, train_loader, nn.CrossEntropyLoss(), adam)
    val_loss, val_acc = evaluate(mlp, validation_loader, nn.CrossEntropyLoss())
    schedule.step()
    for key in ("train_loss", "train_acc", "val_loss", "val_acc"):
        history.setdefault(key, []).append(globals()[key])
