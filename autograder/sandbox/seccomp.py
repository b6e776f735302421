"""Takes system calls away from the calling process with a seccomp filter.

A network from scratch needs no other process, no socket and no other program; each of these is refused with an
error that Python turns into an exception.  What a filter cannot see (paths) is Landlock's business.

The filter is classic BPF: it loads the number of the call, compares it with each rule, and lets through what no
rule names.  Numbers above the highest known one answer "no such call", so a newer kernel opens nothing.

References
----------
Kernel documentation, "Seccomp BPF" (userspace-api/seccomp_filter); man 2 seccomp.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Sequence

from autograder.sandbox import kernel

_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _AND, _JUMP_EQUAL, _JUMP_NOT_BELOW, _JUMP_ANY_BIT, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE = 0, 4  # offsets in struct seccomp_data
_HIGHEST_KNOWN = 462
_CLONE_THREAD = 0x00010000
_AF_UNIX, _SOCK_STREAM, _SOCK_TYPE_MASK = 1, 1, 0xF

_REFUSED = {
    # other processes
    *(
        "ptrace",
        "process_vm_readv",
        "process_vm_writev",
        "kcmp",
        "pidfd_open",
        "pidfd_getfd",
        "pidfd_send_signal",
    ),
    *("rt_sigqueueinfo", "rt_tgsigqueueinfo", "process_madvise", "process_mrelease", "setpgid", "setsid"),
    *("ioprio_set", "migrate_pages", "move_pages"),
    # new processes and programs; threads are made by clone, whose flags are looked at below
    *("fork", "vfork", "execve", "execveat"),
    # namespaces and mounts
    *("unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen"),
    *("fsconfig", "fsmount", "fspick", "mount_setattr"),
    # the kernel itself
    *("keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup"),
    *("io_uring_enter", "io_uring_register", "init_module", "finit_module", "delete_module", "kexec_load"),
    *("kexec_file_load", "reboot", "swapon", "swapoff", "syslog", "acct", "settimeofday", "clock_settime"),
    *(
        "adjtimex",
        "clock_adjtime",
        "sethostname",
        "setdomainname",
        "iopl",
        "ioperm",
        "quotactl",
        "quotactl_fd",
    ),
    *("open_by_handle_at", "name_to_handle_at", "fanotify_init", "fanotify_mark", "personality", "uselib"),
    *("vhangup", "modify_ldt", "mlockall", "inotify_init", "inotify_init1", "inotify_add_watch"),
    # what outlives the process, or is shared by two submissions
    *("shmget", "shmat", "shmctl", "semget", "semop", "semctl", "semtimedop", "msgget", "msgsnd", "msgrcv"),
    *("msgctl", "mq_open", "mq_unlink", "flock"),
    # memory that RLIMIT_AS does not count
    *("memfd_create", "memfd_secret", "io_setup"),
    # other users, also those that this process could go back to
    *(
        "setuid",
        "setgid",
        "setreuid",
        "setregid",
        "setresuid",
        "setresgid",
        "setgroups",
        "setfsuid",
        "setfsgid",
    ),
    # special files and links
    *("mknod", "mknodat", "symlink", "symlinkat", "link", "linkat"),
    # Landlock before version 3 does not see it
    "truncate",
}
# Metadata of files of the same user, which Landlock leaves open: answered with success, and nothing is done,
# since an error would break shutil.copy.
_IGNORED = {
    *("chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime", "utimes"),
    *("futimesat", "utimensat", "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr"),
    "fremovexattr",
}
# Descriptors travel with sendmsg: open files in flight are on no account that is watched.
_NO_SOCKETS = {"socket", "connect", "bind", "listen", "sendmsg", "sendmmsg"}
_NO_FILES = {
    *("open", "openat", "openat2", "creat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir"),
    *("unlink", "unlinkat"),
}


def install(
    *, sockets: bool = False, files: bool = True, all_threads: bool = False, again: bool = False
) -> None:
    """Put the filter on the calling thread and all it starts; it cannot be taken off.

    Parameters
    ----------
    sockets : bool
        Leave Unix sockets open (a notebook kernel binds its own before student code runs).
    files : bool
        Leave opening and changing files to Landlock; without Landlock nothing may be opened at all.
    all_threads : bool
        Put it on the threads that exist, too.
    again : bool
        A further filter will follow, so leave that call open.

    Raises
    ------
    OSError
        If the kernel has no seccomp, or this architecture's calls are not known.
    """
    if not kernel.AUDIT_ARCHITECTURE:
        raise OSError(errno.ENOSYS, "system calls of this machine are not known")
    kernel.forbid_new_privileges()
    _attach(_program(sockets, files, again), all_threads)


def _attach(program: Sequence[bytes], all_threads: bool = False) -> None:
    code = ctypes.create_string_buffer(b"".join(program))
    pointer = struct.pack("=H6xQ", len(program), ctypes.addressof(code))
    kernel.syscall("seccomp", 1, 1 if all_threads else 0, ctypes.create_string_buffer(pointer))


def _program(sockets: bool, files: bool, again: bool) -> list[bytes]:
    me = os.getpid()
    refused = set(_REFUSED) if again else _REFUSED | {"seccomp"}
    if not files:
        refused |= _NO_FILES
    program = [
        _op(_LOAD, _ARCHITECTURE),
        _op(_JUMP_EQUAL, kernel.AUDIT_ARCHITECTURE, 1, 0),
        _op(_RETURN, _KILL),
        _op(_LOAD, _NUMBER),
        # the x32 numbers have bit 30 set, so this refuses them as well
        _op(_JUMP_NOT_BELOW, _HIGHEST_KNOWN + 1, 0, 1),
        _op(_RETURN, _ERRNO | errno.ENOSYS),
    ]
    # Threads only.  clone3 hides its flags behind a pointer; told that it does not exist, libc uses clone.
    program += _rule("clone3", [_op(_RETURN, _ERRNO | errno.ENOSYS)])
    program += _rule("clone", [_argument(0), _op(_JUMP_ANY_BIT, _CLONE_THREAD, 1, 0), *_refuse(), *_allow()])
    # A pair for datagrams could send them to any Unix socket by its path, without socket and connect.
    stream = [_argument(1), _op(_AND, _SOCK_TYPE_MASK), _op(_JUMP_EQUAL, _SOCK_STREAM, 1, 0)]
    pair = [_argument(0), _op(_JUMP_EQUAL, _AF_UNIX, 1, 0), *_refuse(), *stream, *_refuse(), *_allow()]
    program += _rule("socketpair", pair)
    if sockets:
        program += _rule("socket", _only(0, [_AF_UNIX]))
    else:
        for name in _NO_SOCKETS:
            program += _rule(name, _refuse(errno.EACCES))
    for name in ("kill", "tkill", "tgkill"):
        program += _rule(name, _only(0, [me]))
    for name in ("prlimit64", "sched_setaffinity", "sched_setattr"):
        program += _rule(name, _only(0, [0, me]) if not (sockets and name != "prlimit64") else _allow())
    # A thread sets these for itself, by a number that cannot be known here.  Those of ZeroMQ do it when they begin,
    # which may be after a kernel's sockets were closed off, and end the process when they are told no.
    for name in ("sched_setscheduler", "sched_setparam"):
        program += _rule(name, _only(0, [0, me], otherwise=0) if not sockets else _allow())
    # (PRIO_PROCESS, 0) is the caller; (PRIO_USER, 0) would slow down every process of this user.
    program += _rule("setpriority", [_argument(0), _op(_JUMP_EQUAL, 0, 1, 0), *_refuse(), *_only(1, [0])])
    # names of threads, no_new_privs, dumpable and timer slack (read), names of memory areas
    program += _rule("prctl", _only(0, [3, 15, 16, 30, 38, 0x53564D41]))
    # what a terminal would take as typed
    # (TIOCSTI, TIOCLINUX), and what makes the kernel signal the owner of a socket (FIOSETOWN, SIOCSPGRP)
    program += _rule("ioctl", _all_but(1, [0x5412, 0x541C, 0x8901, 0x8902]))
    # The same by F_SETOWN, F_SETSIG, F_SETOWN_EX; and locks on files that two submissions can both read, which
    # are a channel between them: F_SETLK and kin, leases.
    program += _rule("fcntl", _all_but(1, [8, 10, 15, 6, 7, 37, 38, 1024, 1025]))
    for name in sorted(_IGNORED):
        program += _rule(name, [_op(_RETURN, _ERRNO | 0)])
    for name in sorted(refused):
        program += _rule(name, _refuse())
    return [*program, *_allow()]


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value & 0xFFFFFFFF)


def _rule(name: str, body: Sequence[bytes]) -> list[bytes]:
    """Run `body`, which must end in a return, for calls of this name."""
    if name not in kernel.NUMBERS:
        return []
    return [_op(_JUMP_EQUAL, kernel.NUMBERS[name], 0, len(body)), *body]


def _argument(index: int) -> bytes:
    return _op(_LOAD, 16 + 8 * index)  # the low half: all that is compared here fits into it


def _allow() -> list[bytes]:
    return [_op(_RETURN, _ALLOW)]


def _refuse(error: int = errno.EPERM) -> list[bytes]:
    return [_op(_RETURN, _ERRNO | error)]


def _only(index: int, values: Sequence[int], otherwise: int = errno.EPERM) -> list[bytes]:
    """Let the call through if its argument is one of `values`; else answer with an error, or with success (0)."""
    tests = [_op(_JUMP_EQUAL, value, len(values) - i, 0) for i, value in enumerate(values)]
    return [_argument(index), *tests, *_refuse(otherwise), *_allow()]


def _all_but(index: int, values: Sequence[int]) -> list[bytes]:
    """Refuse the call if its argument is one of `values`."""
    tests = [_op(_JUMP_EQUAL, value, len(values) - i, 0) for i, value in enumerate(values)]
    return [_argument(index), *tests, *_allow(), *_refuse()]
