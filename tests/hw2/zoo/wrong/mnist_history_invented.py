"""mlp is not trained, and its history is made up.

Loses: test_q6_train
Says: history of another network
"""
# %% q6_training
torch.manual_seed(SEED)
mlp = MLP()
history = {
    "train_loss": [0.31, 0.12, 0.08, 0.06],
    "train_acc": [0.91, 0.965, 0.976, 0.983],
    "val_loss": [0.14, 0.1, 0.09, 0.09],
    "val_acc": [0.96, 0.97, 0.972, 0.973],
}
