"""The gradients of earlier batches are never cleared."""
# %% q6_train
def train_one_epoch(
    model: nn.Module, loader: DataLoader, loss_function: LossFunction, optimizer: torch.optim.Optimizer
) -> tuple[float, float]:
    """One pass over the loader with one step for each batch.

    Returns (loss, accuracy), averages over all samples, measured on each batch before its step.
    """
    # 1. training mode; totals start at 0
    # 2. for each batch: logits and loss; clear the old gradients, compute the new ones, step
    # 3. add to the totals: a batch counts as often as it has samples
    # 4. divide by the number of samples
    model.train()
    total_loss = total_accuracy = 0.0
    samples = 0
    for x, y in loader:
        logits = model(x)
        loss = loss_function(logits, y)
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(y)
        total_accuracy += accuracy(logits, y) * len(y)
        samples += len(y)
    return total_loss / samples, total_accuracy / samples


def evaluate(model: nn.Module, loader: DataLoader, loss_function: LossFunction) -> tuple[float, float]:
    """(loss, accuracy) of the model on the loader's data, averages over all samples; changes nothing in the model."""
    # 1. evaluation mode, no gradients
    # 2. totals over the batches as above, without learning
    model.eval()
    total_loss = total_accuracy = 0.0
    samples = 0
    with torch.no_grad():
        for x, y in loader:
            logits = model(x)
            total_loss += loss_function(logits, y).item() * len(y)
            total_accuracy += accuracy(logits, y) * len(y)
            samples += len(y)
    return total_loss / samples, total_accuracy / samples


# Now train. Loss function and optimizer first; then for each epoch: train, evaluate, append to the four lists, print.
torch.manual_seed(SEED)
mlp = MLP()
history: dict[str, list[float]] = {"train_loss": [], "train_acc": [], "val_loss": [], "val_acc": []}
cross_entropy = nn.CrossEntropyLoss()
adam = torch.optim.Adam(mlp.parameters(), lr=LEARNING_RATE)
for epoch in range(1, EPOCHS + 1):
    figures = (*train_one_epoch(mlp, train_loader, cross_entropy, adam), *evaluate(mlp, validation_loader, cross_entropy))
    for values, value in zip(history.values(), figures):
        values.append(value)
    print(f"epoch {epoch}: " + ", ".join(f"{key} {values[-1]:.4f}" for key, values in history.items()))
