"""Calls what sandboxes have been left by: io_uring, userfaultfd, bpf, perf, keys, modules, tracing clocks."""
import ctypes, platform

libc = ctypes.CDLL(None, use_errno=True)
CALLS = {
    "io_uring_setup": (425, 1, bytes(120)),
    "userfaultfd": (323, 0x800 | 1),
    "bpf": (321, 0, bytes(128), 128),
    "perf_event_open": (298, bytes(128), 0, -1, -1, 0),
    "keyctl": (250, 0, -3, 0),
    "add_key": (248, b"user", b"x", b"x", 1, -3),
    "inotify_init1": (294, 0),
    "fanotify_init": (300, 0, 0),
    "modify_ldt": (154, 0, bytes(16), 16),
    "personality": (135, 0x0040000),
    "mlockall": (151, 1),
    "init_module": (175, bytes(8), 8, b""),
    "syslog": (103, 2, bytes(10), 10),
    "seccomp": (317, 2, 0, bytes(4)),
    "a number of the future": (470, 0),
}
if platform.machine() == "x86_64":
    for name, arguments in CALLS.items():
        if libc.syscall(*arguments) >= 0:
            breached(name)
