"""An OrderedDict in another order, with all decimals and with entries that nobody asked for."""
# %% q1_numbers
from collections import OrderedDict

answers = OrderedDict(
    name="my page",
    db2=-0.570764565,
    dW2_2=-0.164979781,
    dW2_1=-0.327871433,
    loss=0.845749711,
    yhat=0.429235435,
    z2=-0.284971235,
    a1_2=0.289050497,
    a1_1=0.574442517,
    z1_2=-0.900000000,
    z1_1=0.300000000,
)
answers["dW1"] = [[-0.3349, 0.1759], [0.2232, -0.1173]]
answers["the new b2"] = None
answers[("b1", 1)] = lambda: 0.2558
