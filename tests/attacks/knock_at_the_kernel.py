"""Calls what sandboxes have been left by: io_uring, userfaultfd, bpf, perf, keys, modules.

With arguments that no kernel takes, so that nothing happens: whoever may not call at all is told EPERM.
"""
import ctypes, errno, platform

libc = ctypes.CDLL(None, use_errno=True)
CALLS = {
    "io_uring_setup": (425, 0, None),
    "userfaultfd": (323, -1),
    "bpf": (321, -1, None, 0),
    "perf_event_open": (298, None, 0, -1, -1, 0),
    "keyctl": (250, -1, 0, 0),
    "add_key": (248, None, None, None, 0, 0),
    "inotify_init1": (294, -1),
    "fanotify_init": (300, -1, 0),
    "personality": (135, 0xFFFFFFFF),
    "mlockall": (151, 0),
    "seccomp": (317, 99, 0, None),
    "a number of the future": (470, 0),
}
if platform.machine() == "x86_64":
    for name, arguments in CALLS.items():
        ctypes.set_errno(0)
        libc.syscall(*arguments)
        if ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
            breached(name)
