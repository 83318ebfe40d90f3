"""Kernels for Jupyter clients, with walls and without: `jupyter_client`'s provisioner interface.

A `Kernels` is where a graded notebook gets its kernels from. Each kernel manager that it gives out starts one
kernel, in a folder that holds a submission's files and nothing else.
"""

from __future__ import annotations

import os
import shutil
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerBase, LocalProvisioner

from mashq.sandbox.environment import plain_environment, sandbox_environment
from mashq.sandbox.files import Files, safe_files, write_files
from mashq.sandbox.imports import warm_modules
from mashq.sandbox.isolation import Isolation, choose_isolation
from mashq.sandbox.languages import OtherKernel, is_python, other_kernel
from mashq.sandbox.limits import OverQuota, Quota
from mashq.sandbox.sandbox import KERNEL, KernelUsage, Sandbox
from mashq.temporary.folders import new_folder

KEEP = 3  # sandboxes waiting at once: NumPy alone, PyTorch, TensorFlow; about 1.3 GB together


class Kernels(ABC):
    """Where kernels come from."""

    isolation: Isolation

    @abstractmethod
    def manager(self, notebook: Any, folder: str, files: Files) -> KernelManager:
        """A manager for one kernel that is to run this notebook, in `folder` with `files` in it."""

    def close(self) -> None:  # noqa: B027 (there may be nothing to do)
        """End what waits for further kernels."""


class KernelManager(AsyncKernelManager):
    """A manager that carries what its provisioner needs; the notebook's own wish for a kernel has no say."""

    folder: str
    files: Files
    is_python = True  # False: a kernel of another language, which has no agent of the judge's

    def usage(self) -> KernelUsage:
        """What the kernel used, once it has ended."""
        return getattr(self.provisioner, "used", KernelUsage())

    def over_quota(self) -> OverQuota | None:
        """The limit for which the sandbox ended the kernel; None when it did not."""
        return getattr(self.provisioner, "over_quota", None)

    def cpu_process(self) -> int | None:
        """The process whose descendants do the kernel's work."""
        return getattr(self.provisioner, "pid", None)


def kernels(
    isolation: str,
    course_data: Path | None = None,
    quota: Quota | None = None,
    keep: int = KEEP,
    packages: Sequence[str] = (),
    shown: Sequence[str] = (),
) -> Kernels:
    """Kernels behind the walls that were asked for ("auto": the best that the machine has).

    course_data : the folder of the datasets' course parts, the only data that is shown behind walls
    keep : how many warm sandboxes may wait for the next notebook; 0 where there will be only one
    packages : folders of Python packages that notebooks may import, besides those that are installed
    shown : further folders that notebooks may read, for files that are links into them

    Raises IsolationError where this machine lacks them.
    """
    chosen = choose_isolation(isolation)
    if chosen is Isolation.NONE:
        return PlainKernels(packages)
    return SandboxKernels(chosen, course_data, quota, keep, packages, shown)


class SandboxKernels(Kernels):
    """Kernels in warm sandboxes, of which some wait for the next submission, one for each set of imports.

    isolation : FULL keeps sandboxes for the next submission, BUBBLEWRAP makes each anew
    keep : how many may wait; the one that was used longest ago goes first
    """

    def __init__(
        self,
        isolation: Isolation,
        course_data: Path | None,
        quota: Quota | None = None,
        keep: int = KEEP,
        packages: Sequence[str] = (),
        shown: Sequence[str] = (),
    ) -> None:
        self.isolation = isolation
        self._course_data, self._quota, self._packages = course_data, quota, packages
        self._shown = (*packages, *shown)
        self._keep = keep if isolation is Isolation.FULL else 0
        self._waiting: list[Sandbox] = []  # the one used last stands last
        self._lock = threading.Lock()

    def manager(self, notebook: Any, folder: str, files: Files) -> KernelManager:
        other = other_kernel(notebook)
        manager = KernelManager(kernel_name="python3", transport="ipc")
        manager._kernel_spec = _spec(["sandboxed"], "mashq-sandbox")
        if other is not None:
            manager._kernel_spec.interrupt_mode = other.interrupt_mode
        manager.folder, manager.files = folder, safe_files(files)
        manager.source, manager.modules = self, () if other is not None else warm_modules(notebook)
        manager.other, manager.is_python = other, other is None
        return manager

    def take(self, modules: Sequence[str], other: OtherKernel | None = None) -> Sandbox:
        """A sandbox with these modules imported, this caller's alone until given back.

        other : the kernel of another language that is to run in it; such a sandbox is new, and used once

        Raises SandboxError when a new one does not start.
        """
        if other is not None:
            return self._new((), Isolation.BUBBLEWRAP, other.folders)
        with self._lock:
            for sandbox in reversed(self._waiting):
                if sandbox.modules == tuple(modules):
                    self._waiting.remove(sandbox)
                    if sandbox.is_alive():
                        return sandbox
                    sandbox.close()
        if not self._keep:
            modules = ()  # a process that is forked once gains nothing by importing early
        return self._new(modules, self.isolation)

    def _new(self, modules: Sequence[str], isolation: Isolation, also: Sequence[str] = ()) -> Sandbox:
        environment, shown = sandbox_environment(self._packages), (*self._shown, *also)
        return Sandbox(modules, isolation, environment, self._course_data, self._quota, shown)

    def serves_many(self) -> bool:
        """Whether a sandbox of this machine serves one submission after another; starts one to see."""
        if not self._keep:
            return False
        sandbox = self.take(())
        many = sandbox.isolation is Isolation.FULL
        self.give_back(sandbox)
        return many

    def give_back(self, sandbox: Sandbox) -> None:
        """Take a sandbox back after its kernel has ended; one that is not clean is thrown away."""
        with self._lock:
            if sandbox.clean:
                self._waiting.append(sandbox)
            else:
                sandbox.close()
            while len(self._waiting) > self._keep:
                self._waiting.pop(0).close()

    def close(self) -> None:
        with self._lock:
            while self._waiting:
                self._waiting.pop().close()


class SandboxProvisioner(KernelProvisionerBase):
    """Runs a kernel in a sandbox of the `SandboxKernels` that its manager is from."""

    used = KernelUsage()
    over_quota: OverQuota | None = None
    _sandbox: Sandbox | None = None

    @property
    def has_process(self) -> bool:
        return self._sandbox is not None

    @property
    def pid(self) -> int | None:
        return None if self._sandbox is None else self._sandbox.pid

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.pop("extra_arguments", None)
        prepared: dict[str, Any] = await super().pre_launch(cmd=self.kernel_spec.argv, **kwargs)
        return prepared

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        manager: Any = self.parent
        self._sandbox = manager.source.take(manager.modules, manager.other)
        try:
            self.connection_info = self._sandbox.start_kernel(manager.folder, manager.files, manager.other)
            manager.connection_file = str(Path(str(self._sandbox.folder), "kernel.json"))
        except BaseException:
            self._sandbox.close()
            self._sandbox = None
            raise
        return self.connection_info

    async def poll(self) -> int | None:
        if self._sandbox is None:
            return 0
        code = self._sandbox.poll()
        self.over_quota = self._sandbox.over_quota or self.over_quota
        return code

    async def wait(self) -> int | None:
        self._end()
        return 0

    async def send_signal(self, signum: int) -> None:
        if self._sandbox is not None:
            self._sandbox.signal(signum)

    async def kill(self, restart: bool = False) -> None:
        self._end()

    async def terminate(self, restart: bool = False) -> None:
        self._end()

    async def cleanup(self, restart: bool = False) -> None:
        self._end()

    def _end(self) -> None:
        sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            self.used = sandbox.end_kernel()
            self.over_quota = sandbox.over_quota or self.over_quota
            manager: Any = self.parent
            manager.source.give_back(sandbox)


class PlainKernels(Kernels):
    """Kernels with the rights of whoever runs this: for the reference, and where it was asked for."""

    isolation = Isolation.NONE

    def __init__(self, packages: Sequence[str] = ()) -> None:
        self._packages = packages

    def manager(self, notebook: Any, folder: str, files: Files) -> KernelManager:
        name = notebook.metadata.get("kernelspec", {}).get("name", "python3")
        manager = KernelManager(kernel_name=name, transport="tcp" if os.name == "nt" else "ipc")
        spec: KernelSpec = manager.kernel_spec  # raises where there is no such kernel
        home = new_folder(KERNEL)  # nobody else can enter it
        manager.connection_file = str(home / "kernel.json")
        manager._kernel_spec = _spec(spec.argv, "mashq-plain", spec)
        manager.folder, manager.files, manager.home = folder, safe_files(files), home
        manager.is_python = is_python(notebook)
        manager.environment = plain_environment(self._packages)
        return manager


class PlainProvisioner(LocalProvisioner):
    """A kernel on this machine without walls, in a temporary folder."""

    used = KernelUsage()

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        manager: Any = self.parent
        work = manager.home / "work" / manager.folder
        work.mkdir(parents=True)
        write_files(work, manager.files)
        kwargs.update(cwd=str(work), env=manager.environment)
        return await super().launch_kernel(cmd, **kwargs)

    async def kill(self, restart: bool = False) -> None:
        self._note_usage()
        await super().kill(restart)

    async def cleanup(self, restart: bool = False) -> None:
        await super().cleanup(restart)
        manager: Any = self.parent
        shutil.rmtree(manager.home, ignore_errors=True)

    def _note_usage(self) -> None:
        import psutil

        with suppress(psutil.Error):
            process = psutil.Process(self.pid)
            times, memory = process.cpu_times(), process.memory_info()
            peak = getattr(memory, "peak_wset", memory.rss)
            self.used = KernelUsage(times.user + times.system, peak / 2**20)


def _spec(argv: Sequence[str], provisioner: str, like: KernelSpec | None = None) -> KernelSpec:
    """A kernel spec whose kernels the named provisioner starts."""
    spec = KernelSpec(argv=list(argv), display_name="Python 3", language="python")
    if like is not None:
        spec = KernelSpec(**{**like.to_dict(), "argv": list(argv)})
    spec.metadata = {**spec.metadata, "kernel_provisioner": {"provisioner_name": provisioner}}
    return spec
