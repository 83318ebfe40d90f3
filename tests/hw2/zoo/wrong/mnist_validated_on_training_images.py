"""The validation figures in history are those of the training images.

Loses: test_q6_train
Says: not of the validation images
"""
# %% q6_training
torch.manual_seed(SEED)
mlp = MLP()
history = {"train_loss": [], "train_acc": [], "val_loss": [], "val_acc": []}
cost = nn.CrossEntropyLoss()
adam = torch.optim.Adam(mlp.parameters(), lr=LEARNING_RATE)
for epoch in range(EPOCHS):
    train_loss, train_acc = train_one_epoch(mlp, train_loader, cost, adam)
    val_loss, val_acc = evaluate(mlp, train_loader, cost)
    history["train_loss"].append(train_loss)
    history["train_acc"].append(train_acc)
    history["val_loss"].append(val_loss)
    history["val_acc"].append(val_acc)
