"""The network of an earlier cell is trained, and mlp stays as it was born.

Loses: test_q6_train
Says: history of another network
"""
# %% q6_training
torch.manual_seed(SEED)
mlp = MLP()
history = {"train_loss": [], "train_acc": [], "val_loss": [], "val_acc": []}
cost = nn.CrossEntropyLoss()
adam = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
for epoch in range(EPOCHS):
    train_loss, train_acc = train_one_epoch(network, train_loader, cost, adam)
    val_loss, val_acc = evaluate(network, validation_loader, cost)
    history["train_loss"].append(train_loss)
    history["train_acc"].append(train_acc)
    history["val_loss"].append(val_loss)
    history["val_acc"].append(val_acc)
