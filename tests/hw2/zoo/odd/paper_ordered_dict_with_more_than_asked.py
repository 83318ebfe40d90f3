"""An OrderedDict in another order, with all decimals and with entries that nobody asked for."""
# %% q1_numbers
from collections import OrderedDict

answers = OrderedDict(
    name="my page",
    db2=-0.5399400000,
    dW2_2=-0.1156363,
    dW2_1=-0.3360907,
    loss=0.77639876,
    yhat=0.46006,
    z2=-0.1601025,
    a1_2=0.2141650170,
    a1_1=0.6224593312,
    z1_2=-1.3,
    z1_1=0.5,
)
answers["dW1"] = [[-0.1269, 0.1454], [0.0634, -0.0727]]
answers["the new b2"] = None
answers[("b1", 1)] = lambda: 0.1317
