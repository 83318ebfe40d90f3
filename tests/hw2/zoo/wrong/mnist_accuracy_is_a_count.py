"""accuracy() returns how many are right, not their share.

Loses: test_q6_accuracy
Says: expected a number between 0 and 1
"""
# %% q6_accuracy
def accuracy(yhat, y):
    return (yhat.argmax(dim=1) == y).float().sum().item()
