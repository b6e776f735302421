"""Sleeps in a call."""
import time


def relu(Z):
    time.sleep(1000)
