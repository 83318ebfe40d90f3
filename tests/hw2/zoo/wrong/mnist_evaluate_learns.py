"""evaluate() is a copy of the training loop, with the step of the notebook's optimizer.

Loses: test_q6_train
Says: no backward, and torch.no_grad
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
    for x, y in loader:
        logits = model(x)
        loss = loss_function(logits, y)
        adam.zero_grad()
        loss.backward()
        adam.step()
        total_loss += loss.item() * len(y)
        total_accuracy += accuracy(logits, y) * len(y)
        samples += len(y)
    return total_loss / samples, total_accuracy / samples
