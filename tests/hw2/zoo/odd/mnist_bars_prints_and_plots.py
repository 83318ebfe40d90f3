"""A cell magic, progress bars, a line for every batch, warnings, and a plot between the epochs."""
# %% before q6_train
import logging
import sys
import warnings

from tqdm import tqdm

log = logging.getLogger("training")
log.addHandler(logging.StreamHandler(sys.stderr))
# %% q6_train
%%time
def train_one_epoch(model, loader, loss_function, optimizer):
    model.train()
    total = right = n = 0
    for x, y in tqdm(loader, desc="train", mininterval=0):
        optimizer.zero_grad()
        logits = model(x)
        loss = loss_function(logits, y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        right += accuracy(logits, y) * len(y)
        n += len(y)
        print(f"loss so far {total / n:.4f}", flush=True)
    warnings.warn("an epoch is over")
    return total / n, right / n


def evaluate(model, loader, loss_function):
    model.eval()
    total = right = n = 0
    with torch.no_grad(), tqdm(total=len(loader), file=sys.stdout) as bar:
        for x, y in loader:
            total += loss_function(model(x), y).item() * len(y)
            right += accuracy(model(x), y) * len(y)
            n += len(y)
            bar.update()
    log.warning("loss %.3f, accuracy %.3f", total / n, right / n)
    return total / n, right / n
# %% q6_training
torch.manual_seed(SEED)
mlp = MLP()
history = {"train_loss": [], "train_acc": [], "val_loss": [], "val_acc": []}
adam = torch.optim.Adam(mlp.parameters(), lr=LEARNING_RATE)
for epoch in range(EPOCHS):
    loss, share = train_one_epoch(mlp, train_loader, nn.CrossEntropyLoss(), adam)
    history["train_loss"] += [loss]
    history["train_acc"] += [share]
    loss, share = evaluate(mlp, validation_loader, nn.CrossEntropyLoss())
    history["val_loss"] += [loss]
    history["val_acc"] += [share]
    plt.plot(history["val_acc"])
    plt.show()
