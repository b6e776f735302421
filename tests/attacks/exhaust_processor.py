"""Computes without end, and ignores the signals that ask it to stop."""
import signal

for number in (signal.SIGXCPU, signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)


def relu(Z):
    while True:
        pass
