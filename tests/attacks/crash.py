"""Crashes the process: a wild pointer, abort, its own SIGKILL."""
import ctypes, signal


def relu(Z):
    ctypes.string_at(0)


def softmax(Z):
    os.abort()


def mse_loss(P, Y):
    os.kill(os.getpid(), signal.SIGKILL)
