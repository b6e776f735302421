"""Closes files, network and other processes to the calling process on macOS, with the system's own sandbox.

Written from Apple's manual pages and from profiles that others use, and never run by this project: a self-test at
the start of each run says what it closes, a trial whether a submission still runs in it.

References
----------
man 3 sandbox_init and man 7 sandbox (Apple calls the function deprecated and has no other for a process that
shuts itself in); the profiles in /System/Library/Sandbox/Profiles; Chromium, sandbox/policy/mac/common.sb.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterable

_SYSTEM = ("/usr/lib", "/System/Library", "/System/Volumes/Preboot/Cryptexes", "/usr/share/zoneinfo")
_DEVICES = ("/dev/null", "/dev/zero")
# Where a file is, how large and how old, can be asked for everywhere, as on Linux: Python resolves paths by it.
# Values of the system by name, since a process reads the arguments of others by kern.procargs2.
_HEAD = """(version 1)
(deny default)
(allow signal (target self))
(allow process-info* (target self))
(allow file-read-metadata)
(allow file-read-data (literal "/dev/urandom") (literal "/dev/random"))
(allow sysctl-read (sysctl-name-prefix "hw.") (sysctl-name-prefix "kern.os"))
(allow sysctl-read (sysctl-name "kern.argmax") (sysctl-name "kern.hostname") (sysctl-name "kern.version"))"""


def restrict(scratch: str, read: Iterable[str], listed: Iterable[str], sockets: Iterable[str]) -> None:
    """Close everything but the granted paths, in all threads and for good.

    Parameters
    ----------
    scratch : str
        The only folder that may be written to.
    read, listed : iterable of str
        Paths that may be read and whose libraries may be loaded; folders of which the names alone may be read.
    sockets : iterable of str
        Folders that may be written to as well and in which Unix sockets may be bound.

    Raises
    ------
    OSError
        If the system refuses the profile, or has no such function.
    """
    text = os.fsencode(profile(scratch, read, listed, sockets))
    try:
        initialise = ctypes.CDLL(None).sandbox_init
    except AttributeError:
        raise OSError(errno.ENOSYS, "this system has no sandbox_init") from None
    initialise.argtypes = [ctypes.c_char_p, ctypes.c_uint64, ctypes.POINTER(ctypes.c_char_p)]
    said = ctypes.c_char_p()
    if initialise(text, 0, ctypes.byref(said)) != 0:  # 0: the text is a profile, not the name of one
        raise OSError(errno.EPERM, f"sandbox_init: {os.fsdecode(said.value or b'no reason given')}")


def profile(scratch: str, read: Iterable[str], listed: Iterable[str], sockets: Iterable[str]) -> str:
    """Write the rules: what none of them allows is refused, network, fork and exec among it."""
    rules = [_HEAD]
    rules += [f"(allow file-read* file-map-executable (subpath {p}))" for p in _paths([*_SYSTEM, *read])]
    rules += [f"(allow file-read-data (literal {p}))" for p in _paths(listed)]
    rules += [f"(allow file-read* file-write* (subpath {p}))" for p in _paths([scratch, *sockets])]
    rules += [f"(allow file-read-data file-write-data (literal {p}))" for p in _paths(_DEVICES)]
    for path in _paths(sockets):
        rules.append("(allow system-socket (socket-domain AF_UNIX))")
        rules.append(f"(allow network-bind network-inbound (local unix-socket (subpath {path})))")
    return "\n".join(rules) + "\n"


def _paths(paths: Iterable[str]) -> list[str]:
    """Write paths as the profile's strings, each beside the one that its links lead to: that one is compared."""
    found = dict.fromkeys(p for path in paths for p in (path, os.path.realpath(path)))
    return [_quoted(path) for path in found]


def _quoted(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, escaped)
    return f'"{text}"'
