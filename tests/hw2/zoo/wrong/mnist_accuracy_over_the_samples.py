"""The largest logit is looked for among the samples, not among the classes.

Loses: test_q6_accuracy, test_q6_train
Earns: test_q6_train 6
Says: each row's largest logit
"""
# %% q6_accuracy
def accuracy(yhat, y):
    return (yhat.argmax(dim=0) == y).float().mean().item()
