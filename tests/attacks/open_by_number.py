"""Opens the secret with system calls that Python does not use: openat2, handles, O_TMPFILE next to it."""
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
path = FACTS["secret"].encode()
folder = os.path.dirname(path)
if os.uname().machine == "x86_64":
    if libc.syscall(437, -100, path, (ctypes.c_uint64 * 3)(0, 0, 0), 24) >= 0:
        breached("openat2")
    handle, mount = ctypes.create_string_buffer(b"\x80" + bytes(200)), ctypes.c_int()
    if libc.syscall(303, -100, path, handle, ctypes.byref(mount), 0) >= 0:
        breached("name_to_handle_at")
    if libc.syscall(2, path, 0) >= 0:
        breached("open")
    if libc.syscall(257, -100, folder, 0o20200000 | 2, 0o600) >= 0:
        breached("O_TMPFILE")
