"""A dataclass with Persian comments and names holds the numbers and is turned into a dict."""
# %% q1_numbers
import dataclasses


@dataclasses.dataclass(frozen=True)
class برگه:
    """ده عدد از برگهٔ من."""

    z1_1: float = 0.30000
    z1_2: float = -0.90000  # واحد پنهان دوم
    a1_1: float = 0.57444
    a1_2: float = 0.28905
    z2: float = -0.28497
    yhat: float = 0.42924
    loss: float = 0.84575
    dW2_1: float = -0.32787
    dW2_2: float = -0.16498
    db2: float = -0.57076


answers = dataclasses.asdict(برگه())
