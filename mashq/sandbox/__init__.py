"""How untrusted code runs: kernels behind walls.

`kernels("auto")` gives Jupyter kernels in a sandbox: bubblewrap around a warm process that has imported what
notebooks need, and around each kernel that it forks Landlock and limits. See `docs/security.md`.
"""

from mashq.sandbox.files import Files, Link
from mashq.sandbox.isolation import Isolation, IsolationError, choose_isolation
from mashq.sandbox.languages import is_python, kernel_of, other_kernel
from mashq.sandbox.limits import Quota
from mashq.sandbox.provisioner import KernelManager, Kernels, kernels
from mashq.sandbox.sandbox import KernelUsage, SandboxError

__all__ = [
    "Files",
    "Isolation",
    "IsolationError",
    "KernelManager",
    "KernelUsage",
    "Kernels",
    "Link",
    "Quota",
    "SandboxError",
    "choose_isolation",
    "is_python",
    "kernel_of",
    "kernels",
    "other_kernel",
]
