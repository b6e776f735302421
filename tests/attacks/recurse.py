"""Calls itself without end, once with Python's limit and once without."""
import sys


def relu(Z):
    return relu(Z)


def mse_loss(P, Y):
    sys.setrecursionlimit(1 << 30)
    return deeper(P)


def deeper(P):
    return [deeper(P)]
