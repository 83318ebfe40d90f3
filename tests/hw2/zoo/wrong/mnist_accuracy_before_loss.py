"""Both functions return accuracy and loss in the wrong order.

Loses: test_q6_train
Says: the accuracy that train_one_epoch returns: expected a number between 0 and 1
"""
# %% q6_train
def train_one_epoch(model, loader, loss_function, optimizer):
    model.train()
    total_loss = total_accuracy = samples = 0
    for x, y in loader:
        logits = model(x)
        loss = loss_function(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item() * len(y)
        total_accuracy += accuracy(logits, y) * len(y)
        samples += len(y)
    return total_accuracy / samples, total_loss / samples


def evaluate(model, loader, loss_function):
    model.eval()
    total_loss = total_accuracy = samples = 0
    with torch.no_grad():
        for x, y in loader:
            logits = model(x)
            total_loss += loss_function(logits, y).item() * len(y)
            total_accuracy += accuracy(logits, y) * len(y)
            samples += len(y)
    return total_accuracy / samples, total_loss / samples
# %% q6_training
torch.manual_seed(SEED)
mlp = MLP()
history = {"train_loss": [], "train_acc": [], "val_loss": [], "val_acc": []}
cost = nn.CrossEntropyLoss()
adam = torch.optim.Adam(mlp.parameters(), lr=LEARNING_RATE)
for epoch in range(EPOCHS):
    train_acc, train_loss = train_one_epoch(mlp, train_loader, cost, adam)
    val_acc, val_loss = evaluate(mlp, validation_loader, cost)
    history["train_loss"].append(train_loss)
    history["train_acc"].append(train_acc)
    history["val_loss"].append(val_loss)
    history["val_acc"].append(val_acc)
