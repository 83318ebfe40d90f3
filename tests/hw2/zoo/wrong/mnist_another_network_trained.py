"""The network of an earlier cell is trained, and mlp stays as it was born.

Loses: test_q6_train
Says: history of another network
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
    return total_loss / samples, total_accuracy / samples


def evaluate(model, loader, loss_function):
    model.eval()
    total_loss = total_accuracy = samples = 0
    with torch.no_grad():
        for x, y in loader:
            logits = model(x)
            total_loss += loss_function(logits, y).item() * len(y)
            total_accuracy += accuracy(logits, y) * len(y)
            samples += len(y)
    return total_loss / samples, total_accuracy / samples


torch.manual_seed(SEED)
mlp = MLP()
history = {"train_loss": [], "train_acc": [], "val_loss": [], "val_acc": []}
cost = nn.CrossEntropyLoss()
adam = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
for epoch in range(EPOCHS):
    train_loss, train_acc = train_one_epoch(network, train_loader, cost, adam)
    val_loss, val_acc = evaluate(network, validation_loader, cost)
    history["train_loss"].append(train_loss)
    history["train_acc"].append(train_acc)
    history["val_loss"].append(val_loss)
    history["val_acc"].append(val_acc)
