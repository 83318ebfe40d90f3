"""The optimizer is SGD, which is slow at this learning rate.

Loses: test_q6_train
Says: accuracy of mlp on new images
"""
# %% q6_training
torch.manual_seed(SEED)
mlp = MLP()
history = {"train_loss": [], "train_acc": [], "val_loss": [], "val_acc": []}
cost = nn.CrossEntropyLoss()
sgd = torch.optim.SGD(mlp.parameters(), lr=LEARNING_RATE)
for epoch in range(EPOCHS):
    train_loss, train_acc = train_one_epoch(mlp, train_loader, cost, sgd)
    val_loss, val_acc = evaluate(mlp, validation_loader, cost)
    history["train_loss"].append(train_loss)
    history["train_acc"].append(train_acc)
    history["val_loss"].append(val_loss)
    history["val_acc"].append(val_acc)
