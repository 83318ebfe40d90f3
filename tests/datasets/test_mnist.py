"""MNIST: splits, normalisation and loaders."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mashq.datasets import load_mnist, mnist_loaders, normalise_mnist
from tests.support.datasets import Published, Use


@pytest.fixture
def small(small_mnist: Published, tmp_path: Path, use: Use) -> None:
    """The small MNIST in MASHQ_DATA: 50 training, 10 validation and 20 hidden images."""
    use(small_mnist.save(tmp_path / "data"))


@pytest.mark.parametrize(("split", "n"), [("train", 50_000), ("validation", 10_000), ("hidden", 10_000)])
def test_real_splits_have_the_documented_shapes(real: None, split: Any, n: int) -> None:
    images, labels = load_mnist(split)
    assert images.shape == (n, 28, 28)
    assert images.dtype == np.uint8
    assert type(images) is np.ndarray
    assert labels.shape == (n,)
    assert labels.dtype == np.int64
    assert set(np.unique(labels)) == set(range(10))


@pytest.mark.parametrize(
    ("split", "labels"),
    [("train", [5, 0, 4, 1, 9]), ("validation", [3, 8, 6, 9, 6]), ("hidden", [7, 2, 1, 0, 4])],
)
def test_real_splits_start_with_the_well_known_labels(real: None, split: Any, labels: list[int]) -> None:
    assert load_mnist(split)[1][:5].tolist() == labels


@pytest.mark.parametrize(
    ("split", "numbers"), [("train", range(50)), ("validation", range(50, 60)), ("hidden", range(20))]
)
def test_splits_are_those_of_the_files(small: None, split: Any, numbers: range) -> None:
    """Training images first, then validation; hidden images are the test files."""
    images, labels = load_mnist(split)
    assert images[:, 3, 4].tolist() == list(numbers)
    assert labels.tolist() == [i % 10 for i in numbers]


def test_plain_files_are_read_like_packed_ones(small_mnist: Published, tmp_path: Path, use: Use) -> None:
    import gzip

    for path, content in small_mnist.contents.items():
        plain = tmp_path / "data" / path.removesuffix(".gz")
        plain.parent.mkdir(parents=True, exist_ok=True)
        plain.write_bytes(gzip.decompress(content))
    # What older versions of torchvision left there must not count: nobody checks it.
    (tmp_path / "data" / "MNIST" / "processed").mkdir()
    use(tmp_path / "data")
    assert load_mnist("hidden")[0][:, 0, 0].tolist() == list(range(20))


def test_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match="split is 'test'; expected 'train', 'validation' or 'hidden'"):
        load_mnist("test")  # type: ignore[arg-type]


def test_second_load_takes_under_a_tenth_of_a_second(either: str) -> None:
    load_mnist()
    times = [time.process_time()]
    for _ in range(3):  # the best of three: other programs cost a process time, too
        for split in ("train", "validation", "hidden"):
            load_mnist(split)
        times.append(time.process_time())
    assert min(np.diff(times)) < 0.1


def test_changing_an_array_harms_nobody(small: None) -> None:
    images, labels = load_mnist()
    images[:] = 77
    labels[:] = 77
    again = load_mnist()
    assert again[0].max() == 49
    assert again[1].max() == 9


def test_normalisation_follows_the_formula() -> None:
    images = np.arange(2 * 784, dtype=np.uint8).reshape(2, 28, 28)
    result = normalise_mnist(images)
    assert result.shape == (2, 1, 28, 28)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result[:, 0], (images / 255 - 0.1307) / 0.3081, rtol=1e-5)


def test_normalisation_leaves_its_input_alone() -> None:
    images = np.full((1, 28, 28), 255, dtype=np.float32)
    normalise_mnist(images)
    assert images.max() == 255


def test_normalised_training_images_have_mean_zero_and_deviation_one(either: str) -> None:
    result = normalise_mnist(load_mnist()[0][:5000])
    assert abs(result.mean()) < 0.05
    assert result.std() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("shape", [(28, 28), (3, 784), (2, 28, 27), (2, 1, 28, 28)])
def test_normalisation_refuses_other_shapes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected"):
        normalise_mnist(np.zeros(shape))


def test_batches_have_the_documented_shapes(small: None) -> None:
    train, validation = mnist_loaders(batch_size=16)
    assert [len(train), len(validation)] == [4, 1]
    assert [len(loader.dataset) for loader in (train, validation)] == [50, 10]  # type: ignore[arg-type]
    images, labels = next(iter(train))
    assert images.shape == (16, 1, 28, 28)
    assert images.dtype == torch.float32
    assert labels.shape == (16,)
    assert labels.dtype == torch.int64
    assert [len(labels) for _, labels in train] == [16, 16, 16, 2]


def numbers_in(loader: Any) -> list[int]:
    """Which images an epoch brings, in order."""
    return [
        round((float(pixel) * 0.3081 + 0.1307) * 255) for images, _ in loader for pixel in images[:, 0, 0, 0]
    ]


def test_an_epoch_brings_every_image_once_with_its_label(small: None) -> None:
    train, validation = mnist_loaders(batch_size=16)
    assert sorted(numbers_in(train)) == list(range(50))
    assert numbers_in(validation) == list(range(50, 60))
    for images, labels in train:
        pixels = ((images[:, 0, 0, 0] * 0.3081 + 0.1307) * 255).round().long()
        assert torch.equal(pixels % 10, labels)


def test_order_depends_on_the_seed_and_changes_each_epoch(small: None) -> None:
    def epochs(seed: int) -> list[list[int]]:
        train, _ = mnist_loaders(batch_size=16, seed=seed)
        return [numbers_in(train), numbers_in(train)]

    first = epochs(1)
    assert first == epochs(1)
    assert first != epochs(2)
    assert first[0] != first[1]


def test_loaders_leave_the_global_random_numbers_alone(small: None) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    for loader in mnist_loaders():
        list(loader)
    assert torch.equal(torch.rand(3), expected)


def test_parts_are_the_first_images(small: None) -> None:
    train, validation = mnist_loaders(n_train=7, n_validation=3)
    assert sorted(numbers_in(train)) == list(range(7))
    assert numbers_in(validation) == [50, 51, 52]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_train": 0}, "n_train is 0; expected 1 to 50"),
        ({"n_train": 51}, "n_train is 51; expected 1 to 50"),
        ({"n_validation": 11}, "n_validation is 11; expected 1 to 10"),
        ({"batch_size": 0}, "batch_size is 0; expected 1 or more"),
    ],
    ids=str,
)
def test_impossible_requests_are_refused(small: None, arguments: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mnist_loaders(**arguments)


def test_a_batch_is_taken_from_memory_at_once(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """One indexing a batch: image by image, loading costs more than training."""
    taken = []
    original = torch.utils.data.TensorDataset.__getitem__

    def counting(self: Any, index: Any) -> Any:
        taken.append(index)
        return original(self, index)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(torch.utils.data.TensorDataset, "__getitem__", counting)
    train, _ = mnist_loaders(batch_size=16)
    list(train)
    assert [len(index) for index in taken] == [16, 16, 16, 2]
