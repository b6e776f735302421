"""Leaves a process behind that has a session of its own and holds the output open."""
import time


def attempt():
    if os.fork() == 0:
        try:
            os.setsid()
            if os.fork() == 0:
                time.sleep(5)
        finally:
            os._exit(0)
    breached("a daemon")


attempt()
