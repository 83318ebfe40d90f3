"""Persian names and docstrings, and SciPy's expit imported inside the functions."""
# %% q3_activations
def همانی(ورودی):
    """تابع همانی: همان مقدار را برمی‌گرداند."""
    return +ورودی


def سیگموید(ورودی):
    """تابع سیگموید."""
    from scipy.special import expit

    return expit(ورودی)


def شیب_سیگموید(ورودی):
    """شیب سیگموید در همان نقطه."""
    مقدار = سیگموید(ورودی)
    return مقدار * (1 - مقدار)


linear, sigmoid, sigmoid_derivative = همانی, سیگموید, شیب_سیگموید
tanh = np.tanh
relu = lambda ورودی: np.clip(ورودی, 0, None)
linear_derivative = lambda ورودی: ورودی * 0 + 1
tanh_derivative = lambda ورودی: 1 - np.square(np.tanh(ورودی))
relu_derivative = lambda ورودی: np.sign(relu(ورودی))
# %% q3_experiments
runs, results = {}, {}
for مجموعه in ("spiral", "xor", "gauss", "circle"):
    runs[مجموعه], results[مجموعه] = {}, {}
    for تابع in ("tanh", "relu", "sigmoid", "linear"):
        اجرا = train(مجموعه, تابع)
        runs[مجموعه][تابع] = اجرا
        شماره, دقت = 0, 0.0
        while شماره < EPOCHS and دقت < 0.9:
            دقت = اجرا["accuracy"][شماره]
            شماره += 1
        results[مجموعه][تابع] = {"accuracy": اجرا["accuracy"][-1], "epochs_to_90": شماره if دقت >= 0.9 else None}
findings = dict(
    linearly_separable=" Gauss ", linear_fails_on=["Spiral", "XOR", "Circle"], sooner_on_circle="TANH",
    unsolved_by_all="SPIRAL",
)
