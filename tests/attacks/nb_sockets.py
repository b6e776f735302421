"""Connects to sockets outside: by path, abstract, TCP, by a pair, in the kernel's own thread and another."""
import socket, threading


def attempt():
    for family, kind, address in (
        (socket.AF_UNIX, socket.SOCK_STREAM, FACTS["unix"]),
        (socket.AF_UNIX, socket.SOCK_DGRAM, FACTS["datagrams"]),
        (socket.AF_UNIX, socket.SOCK_STREAM, FACTS["abstract"]),
        (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", FACTS["tcp"])),
    ):
        try:
            with socket.socket(family, kind) as line:
                line.settimeout(0.3)
                line.connect(address)
            breached(repr(address))
        except OSError:
            continue
    try:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        ours.sendto(b"x", FACTS["datagrams"])
        breached("by a pair")
    except OSError:
        pass


attempt()
thread = threading.Thread(target=attempt)
thread.start()
thread.join()
# %%
kernel = get_ipython().kernel
for thread in (kernel.iopub_thread, kernel.control_thread):
    loop = getattr(thread, "io_loop", None)
    if loop is not None:
        loop.add_callback(attempt)
import time

time.sleep(0.2)
