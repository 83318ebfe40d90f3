"""The datasets of the course: Hoda and MNIST digits, and the four datasets of TensorFlow Playground.

Real files are looked for in the folder that `MASHQ_DATA` names and in the cache (`MASHQ_CACHE`), then
downloaded (unless `MASHQ_OFFLINE=1`); without them the loaders say so loudly and give stand-ins.
"""

from mashq.datasets._choose import source
from mashq.datasets._needed import needed
from mashq.datasets._status import Status, content, course_folder, fetch, prepare, status
from mashq.datasets.hoda import load_hoda
from mashq.datasets.mnist import load_mnist, mnist_loaders, normalise_mnist
from mashq.datasets.playground import PLAYGROUND, load_playground
from mashq.errors import DataError

__all__ = [
    "PLAYGROUND",
    "DataError",
    "Status",
    "content",
    "course_folder",
    "fetch",
    "load_hoda",
    "load_mnist",
    "load_playground",
    "mnist_loaders",
    "needed",
    "normalise_mnist",
    "prepare",
    "source",
    "status",
]
