"""Tries, inside a worker, what a worker must not be able to do, and says what worked.

What the report says on isolation is this finding, not the name of a mechanism.  Each attempt is harmless if it
succeeds: it reads a canary, connects to a listener of the grader's own, sends signal 0.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

PROPERTIES = {
    "read_files": "read a file outside its folder",
    "write_files": "write a file outside its folder",
    "change_files": "change modes or times of a file outside its folder",
    "network_tcp": "open a TCP connection, loopback included",
    "network_udp": "send a UDP packet, loopback included",
    "network_unix": "connect to a Unix socket",
    "signal": "signal another process",
    "trace": "look into another process",
    "limit_others": "change limits of another process",
    "fork": "start a process",
    "exec": "start a program",
    "memory": "take more memory than allowed",
    "file_size": "write a file larger than allowed",
}
"""Each property that a self-test measures, and what a worker could do where it does not hold."""


def run(facts: dict[str, Any]) -> dict[str, bool]:
    """Try everything once.

    Parameters
    ----------
    facts : dict
        ``secret`` (a file to read), ``folder`` (one to write in), ``tcp`` and ``udp`` (ports on loopback), ``unix``
        (path of a socket), ``abstract`` (name of one), ``datagram`` (path of one for datagrams), ``victim`` (a
        process id), ``memory_bytes`` and ``file_bytes`` (limits), ``scratch``.

    Returns
    -------
    dict of str to bool
        For each of `PROPERTIES`, whether it holds: the attempt failed.
    """
    attempts: dict[str, Callable[[dict[str, Any]], object]] = {
        "read_files": _read,
        "write_files": _write,
        "change_files": _change,
        "network_tcp": _tcp,
        "network_udp": _udp,
        "network_unix": _unix,
        "signal": lambda f: os.kill(f["victim"], 0),
        "trace": _trace,
        "limit_others": _limit_others,
        "fork": _fork,
        "exec": _exec,
        "memory": _memory,
        "file_size": _file_size,
    }
    return {name: _fails(attempts[name], facts) for name in PROPERTIES}


def _fails(attempt: Callable[[dict[str, Any]], object], facts: dict[str, Any]) -> bool:
    try:
        attempt(facts)
    except (OSError, MemoryError, AttributeError):
        return True
    return False


def _read(facts: dict[str, Any]) -> None:
    with open(facts["secret"], "rb") as file:
        file.read()


def _write(facts: dict[str, Any]) -> None:
    with open(os.path.join(facts["folder"], f"probe-{os.getpid()}"), "w") as file:
        file.write("x")


def _change(facts: dict[str, Any]) -> None:
    before = os.stat(facts["secret"]).st_mtime_ns
    os.utime(facts["secret"], ns=(1, 1))
    # Answered with success although nothing is done, so the effect is what counts.
    if os.stat(facts["secret"]).st_mtime_ns == before:
        raise PermissionError


def _tcp(facts: dict[str, Any]) -> None:
    socket.create_connection(("127.0.0.1", facts["tcp"]), 1).close()


def _udp(facts: dict[str, Any]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(b"x", ("127.0.0.1", facts["udp"]))


def _unix(facts: dict[str, Any]) -> None:
    reached = []
    for address in (facts["unix"], facts["abstract"]):
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(address)
            reached.append(address)
        except OSError:
            continue
    try:  # a pair needs neither socket nor connect
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with ours, theirs:
            ours.sendto(b"x", facts["datagram"])
        reached.append(facts["datagram"])
    except OSError:
        pass
    if not reached:
        raise PermissionError


def _trace(facts: dict[str, Any]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "darwin":
        # To trace there is to stop the target: what kind of process it is is asked for instead (PROC_PIDTBSDINFO).
        told = ctypes.create_string_buffer(512)
        if libc.proc_pidinfo(facts["victim"], 3, ctypes.c_uint64(0), told, len(told)) <= 0:
            raise PermissionError
    else:
        seize, detach = 0x4206, 17  # PTRACE_SEIZE does not stop its target
        if libc.ptrace(seize, facts["victim"], None, None) != 0:
            with open(f"/proc/{facts['victim']}/environ", "rb") as file:
                file.read()
        else:
            libc.ptrace(detach, facts["victim"], None, None)


def _limit_others(facts: dict[str, Any]) -> None:
    if sys.platform == "darwin":  # it has no prlimit; set to what it is, a priority changes nothing
        os.setpriority(os.PRIO_PROCESS, facts["victim"], os.getpriority(os.PRIO_PROCESS, facts["victim"]))
    else:
        resource.prlimit(facts["victim"], resource.RLIMIT_NOFILE)


def _fork(facts: dict[str, Any]) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _exec(facts: dict[str, Any]) -> None:
    # A program that is missing or damaged fails otherwise than one that may not be run.
    path = os.path.join(facts["scratch"], "no-program")
    if sys.platform == "darwin":  # it looks for the file before it asks whether the file may be run
        with open(path, "wb") as file:
            file.write(b"no program")
        os.chmod(path, 0o700)
    try:
        os.execve(path, ["x"], {})
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOEXEC):
            raise


def _memory(facts: dict[str, Any]) -> None:
    mmap.mmap(-1, facts["memory_bytes"] * 2).close()


def _file_size(facts: dict[str, Any]) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    path = os.path.join(facts["scratch"], "large")
    try:
        with open(path, "wb") as file:
            file.seek(facts["file_bytes"] * 2)
            file.write(b"x")
    finally:
        os.unlink(path)
