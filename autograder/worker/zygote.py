"""A clean process that hands out workers: it has imported what every submission needs and forks on request.

Run by the grader as ``python -s -P -B -m autograder.worker.zygote FD MODE [PRELOAD]``, FD being a socket:

* ``{"do": "start", ...}`` with two descriptors (the worker's line and its output pipe) forks a worker,
  which shuts itself in and serves; the reply is ``{"pid": n}``.
* ``{"do": "end", "pid": n, "patience_s": t}`` kills that worker, if it has not ended by itself after t seconds,
  and everything it started, and replies how it ended.
* ``{"do": "signal", "pid": n, "signal": s}`` signals the worker and replies ``{}``.
* End of file on FD, however it comes about, ends all workers and then the process.

It never holds a check, the reference, an expected value or a submission: its memory is copied into every
worker and is the student's to read.  In MODE ``fork`` it forks; in MODE ``once`` (macOS, where a fork of a
process that has loaded Accelerate is unsafe) the process itself becomes the worker.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import random
import resource
import signal
import socket
import sys
import time
from typing import Any

import numpy as np

from autograder.sandbox import enter, probe
from autograder.worker import entropy, imports, module, serve

LINE_FD = 3


def main(control_fd: int, mode: str, preload: str) -> None:
    """Serve the control socket until it is closed."""
    control = socket.socket(fileno=control_fd)
    try:
        _preload(preload)
    except ModuleNotFoundError as error:
        _reply(control, {"missing": error.name})
        os._exit(1)
    if mode == "fork":
        _adopt_orphans()
    # Frozen objects are not touched by the collector in workers, so their pages stay shared.
    gc.collect()
    gc.freeze()
    workers: set[int] = set()
    _reply(control, {"ready": True})
    while True:
        data, fds = _receive(control)
        if data is None:
            for pid in list(workers):
                _end(pid, workers, 0.0)
            os._exit(0)
        if data["do"] == "start":
            pid = os.fork() if mode == "fork" else 0
            if pid == 0:
                if mode == "once":
                    _reply(control, {"pid": os.getpid()})
                _become_worker(data, control, fds)
            workers.add(pid)
            for fd in fds:
                os.close(fd)
            _reply(control, {"pid": pid})
        elif data["do"] == "end":
            _reply(control, _end(data["pid"], workers, data["patience_s"]))
        elif data["do"] == "signal":
            if data["pid"] in workers:
                os.kill(data["pid"], data["signal"])
            _reply(control, {})


def _preload(what: str) -> None:
    # Submodules that student code commonly uses, and that would else be imported in every worker anew.
    # Where nothing may be opened they could not be imported at all, nor a source in these encodings be read.
    encodings = ("encodings.utf_8_sig", "encodings.utf_16", "encodings.latin_1", "encodings.cp1252")
    for name in ("numpy.linalg", "numpy.fft", "numpy.random", "copy", "dataclasses", "math", *encodings):
        importlib.import_module(name)
    if what == "notebook":
        from autograder.worker import notebook

        notebook.preload()


def _receive(control: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """Read one request: its size as four bytes, with which the descriptors come, then so many bytes of JSON."""
    # By size, not by line: a buffered reader would swallow the descriptors of the request that follows, an
    # unbuffered one asks the kernel for every byte (28 ms for the paths of one worker).
    try:
        size, fds, _, _ = socket.recv_fds(control, 4, 2)
        raw = control.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL) if len(size) == 4 else b""
    except ConnectionError:  # the grader has gone before it read the last reply
        return None, []
    return (json.loads(raw), list(fds)) if raw else (None, [])


def _reply(control: socket.socket, message: dict[str, Any]) -> None:
    try:
        control.sendall(json.dumps(message).encode() + b"\n")
    except ConnectionError:  # the grader has gone; what it started has been ended, or is about to be
        pass


def _become_worker(request: dict[str, Any], control: socket.socket, fds: list[int]) -> None:
    """Turn this process into the worker of one submission; never returns."""
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if os.getsid(0) != os.getpid():  # in MODE once the grader has started it in a session of its own
            os.setsid()
        control.close()
        _arrange_descriptors(*fds)
        _arrange_surroundings(request)
        # Where nothing may be opened later, the submission is read now; none of it has run yet.
        is_closed = "no-files" in request["layers"] and request["kind"] == "module"
        raw = module.read(request["entry"]) if is_closed else None
        enter.enter(request)
        # numpy's global state does not reseed itself after a fork: all workers would draw the same numbers.
        random.seed(request["seed"])
        np.random.seed(request["seed"] & 0xFFFFFFFF)
        entropy.settle(request["seed"])
        line = socket.socket(fileno=LINE_FD)
        serve.announce(line)
        if request["kind"] == "probe":
            serve.serve(line, {}, probing=probe.run)
        elif request["kind"] == "notebook":
            from autograder.worker import notebook

            notebook.run_kernel(request["connection_file"], line, is_sealed="seccomp" in request["layers"])
        else:
            submission = module.new_module(request["name"])
            serve.serve(line, submission.__dict__, lambda r: module.run(r["path"], submission.__dict__, raw))
    except BaseException as error:
        os.write(2, f"worker: {type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(97)


def _arrange_descriptors(line: int, output: int) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    # Moved out of the way first: any of them may already sit on a number that is wanted.
    line, output, null = (_lift(fd) for fd in (line, output, null))
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(line, LINE_FD)
    os.closerange(LINE_FD + 1, 4096)


def _lift(fd: int) -> int:
    import fcntl

    return fcntl.fcntl(fd, fcntl.F_DUPFD, 64)


def _arrange_surroundings(request: dict[str, Any]) -> None:
    scratch = request["scratch"]
    os.chdir(scratch)
    os.environ.update(
        HOME=scratch, TMPDIR=scratch, MPLCONFIGDIR=scratch, IPYTHONDIR=os.path.join(scratch, ".ipython")
    )
    # The grader's own folder is not the student's to import from; the submission's comes first.
    sys.path[:] = [scratch] + [p for p in sys.path if p not in ("", request["engine_root"])]
    sys.argv[:] = [request["name"]]
    imports.refuse(request["refused"])


def _end(pid: int, workers: set[int], patience_s: float) -> dict[str, Any]:
    """End a worker and all that it started; say how the worker itself ended."""
    if pid not in workers:
        return {"status": None}
    workers.discard(pid)
    done, status, usage = _wait(pid, patience_s)
    was_killed = not done
    if was_killed:
        for kill, target in ((os.killpg, pid), (os.kill, pid)):
            try:
                kill(target, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        done, status, usage = _wait(pid, 10.0)
    else:
        try:
            os.killpg(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
    _sweep(workers)
    return {
        "status": os.waitstatus_to_exitcode(status) if done else None,
        "was_killed": was_killed,
        "cpu_s": usage.ru_utime + usage.ru_stime if usage else 0.0,
        "max_rss": usage.ru_maxrss if usage else 0,
    }


def _wait(pid: int, patience_s: float) -> tuple[bool, int, resource.struct_rusage | None]:
    end = time.monotonic() + patience_s
    while True:
        found, status, usage = os.wait4(pid, os.WNOHANG)
        if found or time.monotonic() > end:
            return bool(found), status, usage if found else None
        time.sleep(0.0005)


def _adopt_orphans() -> None:
    """Become the parent of whatever outlives a worker (Linux), so that it can be found and killed."""
    if sys.platform == "linux":
        import ctypes

        pr_set_child_subreaper = 36  # linux/prctl.h
        ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)


def _sweep(workers: set[int]) -> None:
    """Kill adopted processes until none is left: each one's children become ours when it dies."""
    for _ in range(1000):
        strays = [pid for pid in _children() if pid not in workers]
        if not strays:
            return
        for pid in strays:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except (ProcessLookupError, ChildProcessError):
                continue


def _children() -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "")
