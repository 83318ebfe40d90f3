"""A dataclass with Persian comments and names holds the numbers and is turned into a dict."""
# %% q1_numbers
import dataclasses


@dataclasses.dataclass(frozen=True)
class برگه:
    """ده عدد از برگهٔ من."""

    z1_1: float = 0.5
    z1_2: float = -1.3  # واحد پنهان دوم
    a1_1: float = 0.62246
    a1_2: float = 0.21417
    z2: float = -0.16010
    yhat: float = 0.46006
    loss: float = 0.77640
    dW2_1: float = -0.33609
    dW2_2: float = -0.11564
    db2: float = -0.53994


answers = dataclasses.asdict(برگه())
