"""Runs a command where namespaces and mounts are refused, as in most containers.

Called as ``python nested.py ENGINE_ROOT COMMAND [ARGUMENT ...]``; what the command starts is held as well.
"""

import errno
import os
import sys
from contextlib import suppress

sys.path.insert(0, sys.argv[1])
from autograder.sandbox import kernel, seccomp

NEW_NAMESPACES = 0x7E020000  # the flags CLONE_NEW*: mount, cgroup, uts, ipc, user, pid, net
NEW_USER = 0x10000000


def refusing():
    """The filter's instructions."""
    program = [seccomp._op(seccomp._LOAD, seccomp._NUMBER)]
    for name in ("unshare", "setns", "mount", "umount2", "pivot_root"):
        program += seccomp._rule(name, seccomp._refuse())
    # Its flags lie behind a pointer; told that it does not exist, libc uses clone.
    program += seccomp._rule("clone3", seccomp._refuse(errno.ENOSYS))
    flags = [seccomp._argument(0), seccomp._op(seccomp._JUMP_ANY_BIT, NEW_NAMESPACES, 0, 1)]
    program += seccomp._rule("clone", [*flags, *seccomp._refuse(), *seccomp._allow()])
    return [*program, *seccomp._allow()]


try:
    seccomp._attach(refusing())
except PermissionError:  # without root's powers the kernel asks for this first
    kernel.forbid_new_privileges()
    seccomp._attach(refusing())
with suppress(PermissionError):
    kernel.syscall("unshare", NEW_USER)
    sys.exit("the nesting lets namespaces through")
os.execvp(sys.argv[2], sys.argv[2:])
