"""Every batch is taken to have BATCH_SIZE samples.

Loses: test_q6_accuracy
Says: divide by
"""
# %% q6_accuracy
def accuracy(yhat, y):
    return (yhat.argmax(dim=1) == y).sum().item() / BATCH_SIZE
