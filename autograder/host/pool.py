"""Owns the zygote: starts it, has it fork workers and end them.

The control socket carries JSON, one request at a time: requests after their size (four bytes), replies as lines.
The descriptors of a new worker travel with its "start" request.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.errors import MachineFault

ENGINE_ROOT = Path(__file__).resolve().parents[2]
_START_PATIENCE_S = 60.0

# A fixed environment: nothing of the grader's reaches a worker, and equal hash seeds make equal set orders.
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
    "MPLBACKEND": "Agg",
    "HOME": "/nonexistent",
}


class Zygote:
    """A running starter process.

    Parameters
    ----------
    preload : str
        ``notebook`` to have the kernel's modules ready, else empty.

    Raises
    ------
    MachineFault
        If the process cannot be started.
    """

    def __init__(self, preload: str = "") -> None:
        self._mode = "once" if sys.platform == "darwin" else "fork"
        self.preload = preload
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ready = False
        self._spawn()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _spawn(self) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-s", "-P", "-B", "-c", _BOOT, str(ENGINE_ROOT), str(theirs.fileno())]
        try:
            self._process = subprocess.Popen(
                [*command, self._mode, self.preload],
                pass_fds=(theirs.fileno(),),
                env=_ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            ours.close()
            raise MachineFault(f"no process could be started for the submission: {error}") from error
        finally:
            theirs.close()
        ours.settimeout(_START_PATIENCE_S)
        self._control, self._reader = ours, ours.makefile("rb")
        self._is_ready = False

    def start(self, request: dict[str, Any], line: socket.socket, output_fd: int) -> int:
        """Fork a worker that serves `line` and prints to `output_fd`; return its process id.

        Raises
        ------
        MachineFault
            If no worker comes.
        ModuleNotFoundError
            If a package that a kernel needs is not installed.
        """
        with self._lock:
            if self._mode == "once" and self._is_ready:
                self._dismiss()
                self._spawn()
            self._await_ready()
            message = {"do": "start", "engine_root": str(ENGINE_ROOT), **request}
            self._send(message, [line.fileno(), output_fd])
            return int(self._read()["pid"])

    def end(self, pid: int, patience_s: float = 0.0) -> dict[str, Any]:
        """Kill a worker with everything it started; say how it ended.

        Parameters
        ----------
        pid : int
        patience_s : float
            How long the worker itself may take to end without being killed.

        Returns
        -------
        dict
            ``status`` (exit code, or minus the signal; None if unknown), ``was_killed`` (by this call),
            ``cpu_s``, ``max_rss``.
        """
        with self._lock:
            if self._mode == "once":
                return self._dismiss(patience_s)
            self._send({"do": "end", "pid": pid, "patience_s": patience_s})
            return self._read()

    def signal(self, pid: int, number: int) -> None:
        """Send a signal to a worker; it is on its way when this returns."""
        with self._lock:
            if self._mode == "once":
                assert self._process is not None
                self._process.send_signal(number)
                return
            self._send({"do": "signal", "pid": pid, "signal": number})
            self._read()

    def close(self) -> None:
        """End all workers and the process itself."""
        self._reader.close()
        self._control.close()
        if self._process is not None:
            if self._mode == "once":
                self._process.kill()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _dismiss(self, patience_s: float = 0.0) -> dict[str, Any]:
        """End the process that has become a worker; say how it ended, as the zygote does."""
        assert self._process is not None
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            status: int | None = self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            status = None
        try:
            os.killpg(self._process.pid, 9)
        except (ProcessLookupError, PermissionError):
            pass
        killed = self._process.wait()
        self._reader.close()
        self._control.close()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return {
            "status": killed if status is None else status,
            "was_killed": status is None,
            "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            "max_rss": after.ru_maxrss,
        }

    def _send(self, message: dict[str, Any], fds: Sequence[int] = ()) -> None:
        raw = json.dumps(message).encode()
        try:
            # The descriptors go with the size, whose four bytes are never sent in parts.
            socket.send_fds(self._control, [len(raw).to_bytes(4, "big")], fds)
            self._control.sendall(raw)
        except OSError as error:
            raise MachineFault(f"the process that starts workers has ended: {error.strerror}") from error

    def _await_ready(self) -> None:
        if not self._is_ready:
            missing = self._read().get("missing")
            if missing:
                raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)
            self._is_ready = True

    def _read(self) -> dict[str, Any]:
        try:
            raw = self._reader.readline()
        except OSError as error:
            raise MachineFault(f"the process that starts workers does not answer: {error}") from error
        if not raw:
            raise MachineFault(
                "the process that starts workers has ended; is NumPy installed for this Python?"
            )
        message: dict[str, Any] = json.loads(raw)
        return message


# Not "-m": the engine's folder must be on the path for the imports of the zygote alone.
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from autograder.worker import zygote; "
    "zygote.main(int(sys.argv[2]), sys.argv[3], sys.argv[4])"
)
