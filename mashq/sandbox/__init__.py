"""How untrusted code runs: kernels behind walls.

`kernels("auto")` gives Jupyter kernels in a sandbox: bubblewrap around a warm process that has imported what
notebooks need, and around each kernel that it forks Landlock and limits. See `docs/security.md`.
"""

from mashq.sandbox.files import Files, read_files
from mashq.sandbox.isolation import Isolation, WallsMissingError, choose
from mashq.sandbox.limits import Quota
from mashq.sandbox.provisioner import KernelManager, Kernels, kernels
from mashq.sandbox.sandbox import KernelUsage, SandboxError, sweep

__all__ = [
    "Files",
    "Isolation",
    "KernelManager",
    "KernelUsage",
    "Kernels",
    "Quota",
    "SandboxError",
    "WallsMissingError",
    "choose",
    "kernels",
    "read_files",
    "sweep",
]
