"""Which functions are called, seen from outside."""

import functools
import sys

import numpy as np

from autograder.public.entered import entered


def decorated(function):
    @functools.wraps(function)
    def inner(*args):
        return function(*args)

    return inner


class Network:
    def __init__(self):
        self.values = square(2)

    @staticmethod
    def name():
        return "network"


class Deeper(Network):
    pass


def square(x):
    return x * x


def unused(x):
    return x


NAMESPACE = {
    "square": square,
    "unused": unused,
    "Network": Network,
    "Deeper": Deeper,
    "vector": np.vectorize(square),
    "one": decorated(square),
    "other": decorated(unused),
}


def seen(action, names):
    with entered(names, NAMESPACE) as found:
        action()
    return found


def test_a_function_counts_if_it_was_called_also_by_others():
    assert seen(lambda: square(1), ["square", "unused"]) == {"square"}
    assert seen(Network, ["square", "unused", "Network"]) == {"square", "Network"}
    assert seen(lambda: None, ["square", "Network"]) == set()


def test_methods_of_a_class_are_seen_inherited_and_static_ones_too():
    assert seen(Deeper, ["Deeper"]) == {"Deeper"}
    assert seen(Network.name, ["Network"]) == {"Network"}


def test_what_cannot_be_seen_counts_as_called():
    assert seen(lambda: None, ["vector", "missing"]) == {"vector", "missing"}
    assert seen(lambda: NAMESPACE["one"](1), ["one", "other"]) == {"one", "other"}


def test_a_profiler_is_put_back():
    def mine(frame, event, argument):
        pass

    before = sys.getprofile()
    sys.setprofile(mine)
    try:
        seen(lambda: square(1), ["square"])
        assert sys.getprofile() is mine
    finally:
        sys.setprofile(before)
