"""No training at all, only numbers that look like one.

Kind: deceive questions
Loses: test_q6_train
Earns: test_q6_train 0
"""
# %% q6_train
def train_one_epoch(model, loader, loss_function, optimizer):
    return None


evaluate = train_one_epoch
mlp = MLP()
history = {"train_loss": [0.3, 0.2, 0.1, 0.09], "train_acc": [0.9, 0.93, 0.95, 0.97], "val_loss": [0.3, 0.2, 0.1, 0.09], "val_acc": [0.9, 0.93, 0.95, 0.97]}
# %% q6_training
pass
