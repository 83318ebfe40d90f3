"""accuracy() counts in percent instead of a share.

Loses: test_q6_accuracy
Says: between 0 and 1
"""
# %% q6_accuracy
def accuracy(yhat, y):
    return (yhat.argmax(dim=1) == y).float().mean().item() * 100
