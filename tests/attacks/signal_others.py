"""Signals another process in every way there is."""
import ctypes, platform, signal

victim = FACTS["victim"]
libc = ctypes.CDLL(None, use_errno=True)
for way in (
    lambda: os.kill(victim, signal.SIGTERM),
    lambda: os.killpg(os.getpgid(victim), signal.SIGTERM),
    lambda: signal.pidfd_send_signal(os.pidfd_open(victim), signal.SIGTERM),
):
    try:
        way()
        breached("a signal")
    except (OSError, AttributeError):
        continue
if platform.machine() == "x86_64":
    for arguments in ((234, victim, victim, 15), (200, victim, 15), (129, victim, 15, bytes(128))):
        if libc.syscall(*arguments) == 0:
            breached(f"call {arguments[0]}")
