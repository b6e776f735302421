"""Chooses what shuts workers in, measures whether it holds, and says so in words for the report.

At the start of a run one worker is started that holds no submission and tries what no worker may do
(`autograder.sandbox.probe`); the report states what it found.
"""

from __future__ import annotations

import os
import socket
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.errors import MachineFault
from autograder.host import trial
from autograder.host.connection import Worker
from autograder.host.ending import WorkerEnded
from autograder.host.pool import ENGINE_ROOT, Zygote
from autograder.model.rubric import Limits
from autograder.sandbox.probe import PROPERTIES

SEALED, LIMITED, PROCESS_ONLY = "sealed", "limited", "process only"
_FILES = {"read_files", "write_files", "change_files"}
_NETWORK = {"network_tcp", "network_udp", "network_unix"}
_PROCESSES = {"signal", "trace", "limit_others", "fork", "exec"}
_REMEDIES = (
    (_FILES, "files", "a Linux kernel of 5.13 or newer with Landlock switched on (lsm=landlock,... at boot)"),
    (_NETWORK, "the network", "a Linux kernel with seccomp on x86_64 or aarch64"),
    (_PROCESSES, "other processes", "a Linux kernel with seccomp on x86_64 or aarch64"),
)
_PROBE_PATIENCE_S = 20.0
_PLANS: dict[str, tuple[tuple[str, ...], ...]] = {
    "linux": (("landlock", "seccomp"), ("seccomp", "no-files"), ("landlock",)),
    "darwin": (("seatbelt",),),
}
_UNPROVEN = {
    "seatbelt"
}  # never run by this project: in force only where a trial shows that it breaks nothing


@dataclass(frozen=True)
class Isolation:
    """What is in force for every worker of a run."""

    layers: tuple[str, ...] = ()
    """What a worker enters: ``landlock``, ``seccomp``, ``no-files``, ``seatbelt``."""
    properties: dict[str, bool] = field(default_factory=dict)
    """Whether each of `autograder.sandbox.probe.PROPERTIES` held in the self-test."""
    read: tuple[str, ...] = ()
    """Paths that workers may read beside their own folder."""
    listed: tuple[str, ...] = ()
    """Folders that they may list."""
    refused: tuple[str, ...] = ()
    """Packages that they may not import."""

    @property
    def level(self) -> str:
        """``sealed`` if everything holds, ``process only`` if nothing but limits does, else ``limited``."""
        if self.properties and all(self.properties.values()):
            return SEALED
        closed = [name for name in _FILES | _NETWORK | _PROCESSES if self.properties.get(name)]
        return LIMITED if closed else PROCESS_ONLY

    def missing(self) -> list[str]:
        """What a submission could do, in words; empty if sealed."""
        return [PROPERTIES[name] for name in PROPERTIES if not self.properties.get(name)]

    def remedy(self) -> str:
        """The first thing that is open and what would close it."""
        for names, what, wanted in _REMEDIES:
            if not all(self.properties.get(name) for name in names):
                return f"{what} cannot be closed off here; that needs {wanted}"
        if self.missing():
            return "memory and files cannot be limited here; that needs Linux"
        return "nothing is missing"

    def report(self) -> dict[str, Any]:
        """For the report: the level word and the measured properties."""
        return {"level": self.level, "properties": dict(self.properties), "missing": self.missing()}

    def request(self) -> dict[str, Any]:
        """For the zygote: what a worker has to enter."""
        return {
            "layers": list(self.layers),
            "read": list(self.read),
            "list": list(self.listed),
            "refused": list(self.refused),
        }


def establish(zygote: Zygote, limits: Limits, mode: str, refused_packages: Sequence[str]) -> Isolation:
    """Find the strongest isolation that works here, and measure it.

    Parameters
    ----------
    zygote : Zygote
        Starts the worker of the self-test.
    limits : Limits
        As the submissions' workers have them.
    mode : str
        ``auto`` takes the best there is, ``require`` insists on files, network and processes being closed off,
        ``process`` uses limits only.
    refused_packages : sequence of str
        Installed packages that workers may not read.

    Raises
    ------
    MachineFault
        If `mode` is ``require`` and something is open; the message names it and the remedy.
    """
    read, listed = readable_paths(refused_packages)
    plans = () if mode == "process" else _PLANS.get(sys.platform, ())
    found = Isolation()
    for layers in (*plans, ()):
        plan = Isolation(layers, {}, read, listed, tuple(refused_packages))
        properties = _measure(zygote, limits, plan)
        if properties is None or (
            _UNPROVEN.intersection(layers) and not trial.runs(zygote, limits, plan.request())
        ):
            continue
        found = Isolation(layers, properties, read, listed, tuple(refused_packages))
        break
    if mode == "require" and not all(found.properties.get(n) for n in _FILES | _NETWORK | _PROCESSES):
        raise MachineFault(
            f"isolation is required, but {found.remedy()}. To grade all the same: --isolation auto."
        )
    return found


def _measure(zygote: Zygote, limits: Limits, plan: Isolation) -> dict[str, bool] | None:
    """Run the probe in a worker with these layers; None if it cannot even enter them."""
    with _canaries() as facts:
        request = {"kind": "probe", "name": "probe", "scratch": facts["scratch"], "seed": 0, "sockets": []}
        facts |= {"memory_bytes": limits.memory_bytes, "file_bytes": limits.file_bytes}
        try:
            worker = Worker(zygote, {**request, **plan.request()}, limits)
        except MachineFault:
            return None
        try:
            answer = worker.ask({"do": "probe", "facts": facts}, _PROBE_PATIENCE_S)[0]["value"]
        except WorkerEnded:
            return None
        finally:
            worker.close()
    return {name: bool(answer[name]) for name in PROPERTIES}


_LONGEST_PLACE = 70


@contextmanager
def _canaries() -> Iterator[dict[str, Any]]:
    """Things of the grader's own that a worker must not reach."""
    with ExitStack() as stack:
        # The path of a Unix socket has 107 bytes at most (man 7 unix), 103 on macOS.
        place = tempfile.gettempdir() if len(tempfile.gettempdir()) <= _LONGEST_PLACE else "/tmp"
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="probe-", dir=place))
        scratch = Path(folder, "scratch")
        outside = Path(folder, "outside")
        scratch.mkdir()
        outside.mkdir()
        secret = outside / "secret"
        secret.write_text("secret")
        tcp = stack.enter_context(socket.socket())
        tcp.bind(("127.0.0.1", 0))
        tcp.listen(8)
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        path = str(outside / "socket")
        names = [path]
        if sys.platform == "linux":
            names.append(f"\0probe-{os.getpid()}-{Path(folder).name}")
        for name in names:
            line = stack.enter_context(socket.socket(socket.AF_UNIX))
            line.bind(name)
            line.listen(8)
        datagrams = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        datagrams.bind(str(outside / "datagrams"))
        yield {
            "scratch": str(scratch),
            "secret": str(secret),
            "folder": str(outside),
            "tcp": tcp.getsockname()[1],
            "udp": udp.getsockname()[1],
            "unix": path,
            "datagram": str(outside / "datagrams"),
            "abstract": names[-1],
            "victim": os.getpid(),
        }


def readable_paths(refused_packages: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a worker may read of this machine, and which folders it may list.

    Python itself, shared libraries, and the installed packages entry by entry: without the engine and the
    assignment, should these lie among them, and without the refused packages.

    Returns
    -------
    read, listed : tuple of str
    """
    refused = {name.lower().replace("-", "_") for name in refused_packages}
    passed_over = {"site-packages", "dist-packages"}
    # Landlock grants what lies beneath: neither the engine's folder nor one that holds it.
    engine = [str(ENGINE_ROOT / "autograder"), *map(str, (ENGINE_ROOT, *ENGINE_ROOT.parents))]
    read, listed = set(), set()
    packages = {p for p in sys.path if p.endswith(("site-packages", "dist-packages"))}
    standard = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    for folder in sorted(standard | packages):
        listed.add(folder)
        real = os.path.realpath(folder)  # once: resolving each of some 400 entries takes longer
        with suppress(OSError):
            for entry in os.scandir(folder):
                root = entry.name.split(".")[0].split("-")[0].lower()
                if entry.name in passed_over or root in refused:
                    continue
                paths = {entry.path, os.path.join(real, entry.name)}
                if entry.is_symlink():
                    paths.add(os.path.realpath(entry.path))
                if paths.isdisjoint(engine):
                    read |= paths
    libraries = sysconfig.get_config_var("MULTIARCH") or ""
    read |= {f"{base}/{libraries}" for base in ("/lib", "/usr/lib")} if libraries else {"/lib", "/usr/lib"}
    read |= {"/lib64", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo", "/dev/urandom"}
    read |= {"/sys/devices/system/cpu", os.path.join(sys.prefix, "pyvenv.cfg")}
    others = {path for path in read if not path.startswith(tuple(listed))}
    with suppress(OSError):
        others |= {
            e.path for e in os.scandir(os.path.join(sys.base_prefix, "lib")) if e.name.startswith("lib")
        }
    return tuple(sorted(read | others | set(map(os.path.realpath, others)))), tuple(sorted(listed))
