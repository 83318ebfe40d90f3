r"""No gradient is computed, so no step changes anything.

Loses: test_q6_train
Says: loss\.backward\(\)
"""
# %% q6_train
def train_one_epoch(model, loader, loss_function, optimizer):
    model.train()
    total_loss = total_accuracy = samples = 0
    for x, y in loader:
        logits = model(x)
        loss = loss_function(logits, y)
        optimizer.zero_grad()
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
