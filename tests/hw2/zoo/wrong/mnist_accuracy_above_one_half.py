"""A prediction counts only where its probability is above one half.

Loses: test_q6_accuracy
Says: largest logit
"""
# %% q6_accuracy
def accuracy(yhat, y):
    p = yhat.softmax(dim=1)
    return (p[torch.arange(len(y)), y] > 0.5).float().mean().item()
