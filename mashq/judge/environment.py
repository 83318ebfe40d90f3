"""The environment variables that a graded notebook sees: few, and the same for everybody."""

from __future__ import annotations

import os

# What Python, Jupyter and the frameworks need to start, and where datasets are; not the grader's secrets.
KEPT = (
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV",
    "SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA",
    "PATHEXT", "COMSPEC", "XDG_CACHE_HOME", "MASHQ_DATA", "MASHQ_CACHE", "MASHQ_OFFLINE",
)  # fmt: skip
SET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",  # TensorFlow's start-up chatter
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # a warning of the debugger that nobody uses here
    "CUDA_VISIBLE_DEVICES": "",  # the same arithmetic on every machine
    # One thread a notebook: as fast for networks of this size, and several notebooks do not fight for cores
    # (two OpenMP threads on two busy cores took 20 times as long here).
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "PYTHONUTF8": "1",
}


def kernel_environment() -> dict[str, str]:
    """The environment for a student's kernel, made from that of this process."""
    return {name: os.environ[name] for name in KEPT if name in os.environ} | SET
