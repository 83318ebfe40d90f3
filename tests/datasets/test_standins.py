"""The stand-ins: the same every time, no digit in two splits, as hard as the real ones."""

from __future__ import annotations

import numpy as np
import pytest

from mashq.datasets import _cache, load_mnist, normalise_mnist
from mashq.datasets.standins import hoda_standin, mnist_standin
from mashq.datasets.standins.warp import Warp, warp

STILL = Warp(rotation=0, shear=0, zoom=0, shift=0, elastic=0)


@pytest.mark.parametrize("part", _cache.PARTS)
def test_stand_ins_are_the_same_every_time(small_stand_ins: None, part: _cache.Part) -> None:
    first, again = mnist_standin.make(part), mnist_standin.make(part)
    np.testing.assert_array_equal(first["images"], again["images"])
    images, labels = hoda_standin.make(part)
    same_images, same_labels = hoda_standin.make(part)
    np.testing.assert_array_equal(labels, same_labels)
    assert all(np.array_equal(a, b) for a, b in zip(images, same_images, strict=True))


def test_no_mnist_digit_is_in_two_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels that number the 5,000 digits show which one each image was made of."""
    digits = np.zeros((5000, 28, 28), dtype=np.uint8), np.arange(5000)
    monkeypatch.setattr(mnist_standin, "_digits", lambda: digits)
    splits = {"train": (4_000, 6_000), "validation": (400, 600), "hidden": (600, 900)}
    monkeypatch.setattr(mnist_standin, "SPLITS", splits)
    course, hidden = (mnist_standin.make(part)["labels"] for part in _cache.PARTS)
    train, validation = set(course[:6_000]), set(course[6_000:])
    assert [len(train), len(validation), len(set(hidden))] == [4_000, 400, 600]
    assert train | validation | set(hidden) == set(range(5000))


def test_no_mnist_image_is_in_two_splits(stand_in: None) -> None:
    splits = [
        {image.tobytes() for image in load_mnist(split)[0]} for split in ("train", "validation", "hidden")
    ]
    assert not splits[0] & splits[1]
    assert not splits[0] & splits[2]
    assert not splits[1] & splits[2]


def test_persian_digits_are_in_the_fonts() -> None:
    """Forty different drawings, none of them the box that stands for a missing character."""
    drawings = hoda_standin._drawings()
    assert len({drawing.tobytes() for drawing in drawings}) == 40
    for face in drawings.reshape(4, 10, -1).astype(float):
        likeness = np.corrcoef(face)
        assert likeness[~np.eye(10, dtype=bool)].max() < 0.98


def test_hoda_images_are_cut_to_their_ink(small_stand_ins: None) -> None:
    images, labels = hoda_standin.make("course")
    assert labels[0] == 6
    assert len({image.shape for image in images}) > 50
    for image in images:
        assert set(np.unique(image)) <= {0, 255}
        assert image[0].any()
        assert image[-1].any()
        assert image[:, 0].any()
        assert image[:, -1].any()


def test_warp_without_change_gives_the_images_back(rng: np.random.Generator) -> None:
    images = rng.integers(0, 256, (3, 9, 9), dtype=np.uint8)
    bases = np.array([2, 0, 0, 1])
    np.testing.assert_allclose(warp(images, bases, STILL, rng), images[bases], atol=1e-3)


def test_warp_changes_each_image_by_itself(rng: np.random.Generator) -> None:
    images = np.zeros((1, 21, 21), dtype=np.uint8)
    images[0, 6:15, 8:13] = 255
    changed = warp(images, np.zeros(5, dtype=np.int64), Warp(0.2, 0.1, 0.1, 1.0, 1.0), rng)
    assert len({image.tobytes() for image in changed}) == 5
    ink = changed.sum(axis=(1, 2)) / images.sum()
    assert 0.5 < ink.min() < ink.max() < 1.7


@pytest.mark.slow
def test_mnist_stand_in_teaches_as_much_as_mnist() -> None:
    """The reference network passes 96 % in three epochs, as on the real data."""
    import torch

    from mashq.datasets import mnist_loaders

    torch.manual_seed(0)
    train, _ = mnist_loaders()
    model = torch.nn.Sequential(
        torch.nn.Flatten(),
        torch.nn.Linear(784, 256),
        torch.nn.ReLU(),
        torch.nn.Linear(256, 128),
        torch.nn.ReLU(),
        torch.nn.Linear(128, 10),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    for _ in range(3):
        for images, labels in train:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(images), labels).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    hidden, y = load_mnist("hidden")
    with torch.no_grad():
        predicted = model(torch.from_numpy(normalise_mnist(hidden))).argmax(1).numpy()
    assert 0.96 < np.mean(predicted == y) < 0.99
