"""accuracy() counts in percent instead of a share."""
# %% q6_accuracy
def accuracy(yhat: Tensor, y: Tensor) -> float:
    """Share of right predictions, in [0, 1], from logits yhat, (n, 10), and labels y, int64 (n,)."""
    return (yhat.argmax(dim=1) == y).float().mean().item() * 100
