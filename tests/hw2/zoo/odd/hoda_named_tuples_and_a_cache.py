"""Named tuples, a cache around train for the dicts, Persian names, and cells split in two."""
# %% q4_preprocess
from typing import NamedTuple


class داده(NamedTuple):
    تصویر: np.ndarray
    برچسب: np.ndarray


def preprocess(x, y):
    """آماده‌سازی تصویرها و برچسب‌ها."""
    return داده(x.astype("f4") * np.float32(1 / 255), np.eye(10)[y])
# %% q4_train
class Trained(NamedTuple):
    model: keras.Model
    history: dict


def train(hidden, epochs):
    """آموزش یک شبکه."""
    شبکه = build_model(hidden)
    return Trained(شبکه, شبکه.fit(x_train, y_train, epochs=epochs, batch_size=BATCH_SIZE,
                                  validation_data=(x_test, y_test), verbose=0).history)
# %% q4_train
import functools


@functools.cache
def آموخته(hidden):
    return train(hidden, EPOCHS)


models = {hidden: آموخته(hidden).model for hidden in NETWORKS}
# %% q4_train
histories = {hidden: آموخته(hidden).history for hidden in NETWORKS}
