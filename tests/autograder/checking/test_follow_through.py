"""What the reference's pieces draw in place of a student's comes from the generator that the student hands over."""

import numpy as np
import pytest

from autograder.checking.follow_through import replaced
from autograder.checking.in_process import InProcessSession
from autograder.wire import messages
from autograder.wire.values import RandomGenerator


class Drawer:
    """A class of the reference's that keeps its generator."""

    def __init__(self, rng):
        self._rng = rng

    def draw(self):
        return float(self._rng.random())


def function(rng):
    return float(rng.random())


SUBMISSION = """
def twice(rng):
    return [piece(rng), piece(rng)]

def by_object(rng):
    drawer = piece(rng)
    return [drawer.draw(), drawer.draw()]
"""


@pytest.mark.parametrize(("piece", "asked"), [(function, "twice"), (Drawer, "by_object")])
def test_equal_generators_give_equal_draws_and_others_give_others(piece, asked):
    namespace = {}
    exec(SUBMISSION, namespace)
    session = InProcessSession(namespace)
    with replaced(session, {"piece": piece}):
        steps = [messages.call(asked, (RandomGenerator(seed),)) for seed in (4, 4, 5)]
        first, again, other = [outcome["value"] for outcome in session.ask(steps, 5.0)]
    assert first == again
    assert len({*first, *other}) == 4, "a generator goes on from call to call"
    assert np.all(np.isfinite(first + other))
