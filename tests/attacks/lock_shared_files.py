"""Signals another submission by locks on files that both may read."""
import fcntl

with open(np.__file__) as file:
    for lock in (
        lambda: fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB),
        lambda: fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB),
        lambda: fcntl.fcntl(file, 37, bytes(32)),
        lambda: fcntl.fcntl(file, 1024, 0),
    ):
        try:
            lock()
            breached("a lock")
        except OSError:
            continue
