"""Makes a file of a terabyte that takes no room."""
import signal


def attempt():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open("sparse", "wb") as file:
        os.ftruncate(file.fileno(), 1 << 40)
    breached("a terabyte")


attempt()
