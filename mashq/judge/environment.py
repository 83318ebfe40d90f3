"""The environment variables that a graded notebook sees: few, and the same for everybody."""

from __future__ import annotations

import os

# What Python, Jupyter and the frameworks need to start, and where datasets are; not the grader's secrets.
KEPT = (
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV",
    "SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA",
    "PATHEXT", "COMSPEC", "XDG_CACHE_HOME", "MASHQ_DATA", "MASHQ_CACHE", "MASHQ_OFFLINE", "OMP_NUM_THREADS",
)  # fmt: skip
SET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",  # TensorFlow's start-up chatter
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # a warning of the debugger that nobody uses here
    "CUDA_VISIBLE_DEVICES": "",  # the same arithmetic on every machine
    "PYTHONUTF8": "1",
}


def kernel_environment() -> dict[str, str]:
    """The environment for a student's kernel, made from that of this process."""
    return {name: os.environ[name] for name in KEPT if name in os.environ} | SET
