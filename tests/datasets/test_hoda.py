"""Hoda: shapes, splits, resizing, and how hard the digits are."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mashq.datasets import hoda, load_hoda
from tests.support.datasets import HODA_COURSE, REAL_DATA, Published, Use


def test_default_split_has_the_documented_shapes(either: str) -> None:
    x_train, y_train, x_test, y_test = load_hoda()
    assert x_train.shape == (1000, 25)
    assert y_train.shape == (1000,)
    assert x_test.shape == (200, 25)
    assert y_test.shape == (200,)
    assert {x_train.dtype, x_test.dtype} == {np.dtype(np.uint8)}
    assert {y_train.dtype, y_test.dtype} == {np.dtype(np.int64)}
    assert type(x_train) is np.ndarray
    assert set(np.unique(y_train)) == set(range(10))


def test_first_training_label_is_six(either: str) -> None:
    assert load_hoda()[1][0] == 6


def test_hidden_split_has_the_documented_shapes(either: str) -> None:
    x, y = load_hoda(split="hidden", size=5)
    assert x.shape == (5000, 25)
    assert x.dtype == np.uint8
    assert y.shape == (5000,)
    assert y.dtype == np.int64
    assert np.bincount(y).min() > 400


def test_training_and_test_images_follow_each_other_in_the_file(
    small_hoda: Published, tmp_path: Path, use: Use
) -> None:
    """Whatever the sizes of the splits, image i is image i of the file."""
    use(small_hoda.save(tmp_path / "data"))
    x_train, y_train, _, y_test = load_hoda(n_train=700, n_test=600, size=4)
    np.testing.assert_array_equal(np.concatenate([y_train, y_test]), (np.arange(1300) + 6) % 10)
    one, _, next_one, label = load_hoda(n_train=699, n_test=1, size=4)
    np.testing.assert_array_equal(one, x_train[:-1])
    np.testing.assert_array_equal(next_one[0], x_train[-1])
    assert label[0] == y_train[-1]


def test_hidden_images_are_the_last_of_the_file(small_hoda: Published, tmp_path: Path, use: Use) -> None:
    use(small_hoda.save(tmp_path / "data"))
    x, y = load_hoda(split="hidden", size=12)
    np.testing.assert_array_equal(y, (np.arange(HODA_COURSE, HODA_COURSE + hoda.HIDDEN) + 6) % 10)
    # At 12 x 12 each pixel of the 6 x 4 original becomes a block of 2 x 3, so the number can be read back.
    bits = x.reshape(-1, 12, 12)[:, ::2, ::3].reshape(-1, 24) // 255
    np.testing.assert_array_equal(
        bits @ (1 << np.arange(24)), np.arange(HODA_COURSE, HODA_COURSE + hoda.HIDDEN)
    )


def test_no_course_split_reaches_hidden_images(small_hoda: Published, tmp_path: Path, use: Use) -> None:
    use(small_hoda.save(tmp_path / "data"))
    assert len(load_hoda(n_train=HODA_COURSE - 1, n_test=1)[0]) == HODA_COURSE - 1
    with pytest.raises(ValueError, match=r"n_train \+ n_test is 1,301, but the course has 1,300 images"):
        load_hoda(n_train=HODA_COURSE, n_test=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_train": 0}, "n_train is 0; expected 1 or more"),
        ({"n_test": -5}, "n_test is -5; expected 1 or more"),
        ({"n_train": 10.0}, "n_train is 10.0; expected a whole number"),
        ({"size": 0}, "size is 0; expected 1 to 64"),
        ({"size": 65}, "size is 65; expected 1 to 64"),
        ({"size": True}, "size is True; expected a whole number"),
        ({"split": "test"}, "split is 'test'; expected 'course' or 'hidden'"),
        ({"n_train": 55_000, "n_test": 1}, "ask for fewer"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_impossible_requests_are_refused(either: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_hoda(**arguments)


@pytest.mark.parametrize("size", [1, 8, 30])
def test_other_sizes_work(either: str, size: int) -> None:
    x_train, _, x_test, _ = load_hoda(n_train=20, n_test=10, size=size)
    assert x_train.shape == (20, size * size)
    assert x_test.shape == (10, size * size)
    assert x_train.max() > 60  # ink is bright


def test_changing_an_array_harms_nobody(either: str) -> None:
    x_train, y_train, x_test, _ = load_hoda()
    before = x_train.copy(), x_test.copy()
    x_train[:] = 7
    y_train[:] = 7
    again = load_hoda()
    np.testing.assert_array_equal(again[0], before[0])
    np.testing.assert_array_equal(x_test, before[1])
    assert again[1][0] == 6


def test_second_load_takes_under_a_tenth_of_a_second(either: str) -> None:
    load_hoda()
    times = [time.process_time()]
    for _ in range(3):  # the best of three: other programs cost a process time, too
        load_hoda()
        times.append(time.process_time())
    assert min(np.diff(times)) < 0.1


def test_resizing_averages_the_ink() -> None:
    image = np.zeros((4, 4), dtype=np.uint8)
    image[:2, :2] = 255
    image[0, 3] = 255
    np.testing.assert_array_equal(hoda.resize([image], 2), [[255, 64, 0, 0]])


def test_packing_keeps_every_pixel(rng: np.random.Generator) -> None:
    images = [
        (rng.random((height, width)) > 0.5).astype(np.uint8) * np.uint8(255)
        for height, width in [(3, 5), (1, 1), (7, 2)]
    ]
    arrays = hoda.pack(images, np.array([1, 2, 3]))
    for got, want in zip(hoda.unpack(arrays), images, strict=True):
        np.testing.assert_array_equal(got, want)


def test_real_images_are_those_of_the_file(real: None) -> None:
    """An independent reading of the file gives the same pixels and labels."""
    from PIL import Image
    from scipy.io import loadmat

    content = loadmat(f"{REAL_DATA}/Data_hoda_full.mat")
    x_train, y_train, x_test, y_test = load_hoda(n_train=54_000, n_test=1_000)
    hidden, y_hidden = load_hoda(split="hidden")
    labels = content["labels"].ravel()
    np.testing.assert_array_equal(np.concatenate([y_train, y_test, y_hidden]), labels)
    for x, i in [
        (x_train[0], 0),
        (x_train[-1], 53_999),
        (x_test[0], 54_000),
        (hidden[0], 55_000),
        (hidden[-1], -1),
    ]:
        image = Image.fromarray(content["Data"][i, 0]).resize((5, 5), Image.Resampling.BOX)
        np.testing.assert_array_equal(x, np.asarray(image).ravel())


def test_digits_are_as_hard_as_they_should_be(either: str, softmax_regression: Callable[..., Any]) -> None:
    """Without a hidden layer nine in ten digits are right, on images of the course and on hidden ones."""
    x_train, y_train, x_test, y_test = load_hoda()
    predict = softmax_regression(x_train / 255, y_train)
    hidden, y_hidden = load_hoda(split="hidden")
    assert 0.86 < np.mean(predict(x_test / 255) == y_test) < 0.98
    assert 0.88 < np.mean(predict(hidden / 255) == y_hidden) < 0.95


@pytest.fixture
def softmax_regression() -> Callable[..., Callable[[npt.NDArray[np.float64]], npt.NDArray[np.int64]]]:
    """Trains by gradient descent with momentum; returns the prediction function."""

    def train(x: npt.NDArray[np.float64], y: npt.NDArray[np.int64]) -> Any:
        inputs = np.column_stack([x, np.ones(len(x))])
        weights = np.zeros((inputs.shape[1], 10))
        speed = np.zeros_like(weights)
        for _ in range(400):
            scores = inputs @ weights
            shares = np.exp(scores - scores.max(axis=1, keepdims=True))
            shares /= shares.sum(axis=1, keepdims=True)
            shares[np.arange(len(y)), y] -= 1
            speed = 0.9 * speed - inputs.T @ shares / len(y)
            weights += 0.5 * speed
        return lambda new: np.argmax(np.column_stack([new, np.ones(len(new))]) @ weights, axis=1)

    return train
