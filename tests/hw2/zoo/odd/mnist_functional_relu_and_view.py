"""F.relu and view, an accuracy by NumPy, and zero_grad after the step in place of before backward."""
# %% q6_model
import torch.nn.functional as F


class MLP(nn.Module):
    def __init__(self, sizes=(PIXELS, *HIDDEN, CLASSES)):
        super(MLP, self).__init__()
        self.fc1, self.fc2, self.fc3 = (nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x):
        x = x.view(x.size(0), -1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x), inplace=True)
        return self.fc3(x)
# %% q6_accuracy
def accuracy(yhat, y):
    return np.mean(np.argmax(yhat.detach().cpu().numpy(), axis=-1) == y.numpy())
# %% q6_train
def train_one_epoch(model, loader, loss_function, optimizer):
    model.train(True)
    losses, shares, sizes = [], [], []
    for batch in loader:
        images, labels = batch
        logits = model(images)
        loss = loss_function(logits, labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
        losses.append(loss.item()), shares.append(accuracy(logits, labels)), sizes.append(labels.shape[0])
    return np.average(losses, weights=sizes), np.average(shares, weights=sizes)


@torch.no_grad()
def evaluate(model, loader, loss_function):
    model.train(False)
    rows = np.array([(len(y), loss_function(z := model(x), y).item(), accuracy(z, y)) for x, y in loader])
    return tuple(rows[:, 0] @ rows[:, 1:] / rows[:, 0].sum())
# %% q6_training
torch.manual_seed(SEED)
mlp = MLP()
optimizer = torch.optim.Adam(params=mlp.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, foreach=False)
rows = []
for epoch in range(EPOCHS):
    rows.append(train_one_epoch(mlp, train_loader, nn.functional.cross_entropy, optimizer) + evaluate(mlp, validation_loader, F.cross_entropy))
history = dict(zip(("train_loss", "train_acc", "val_loss", "val_acc"), zip(*rows)))
