"""Explanations cost what they are worth, whatever a submission answers."""

import numpy as np
import pytest

from autograder.checking.in_process import InProcessSession
from autograder.diagnosis import modest
from autograder.diagnosis.modest import ModestSession
from autograder.host.ending import WorkerEnded
from autograder.wire import messages


def ask(session, name):
    return session.ask([messages.call(name)], 5.0)[0]


def test_large_answers_count_as_exceptions_and_then_nothing_more_is_asked():
    asked = []
    namespace = {
        "small": lambda: np.ones(3),
        "large": lambda: asked.append(1) or {"W1": np.ones(60_000, dtype=np.int8), "W2": [np.ones(60_000)]},
    }
    session = ModestSession(InProcessSession(namespace))
    assert ask(session, "small")["value"].tolist() == [1, 1, 1]
    for _ in range(3):
        assert ask(session, "large")["error"]["type"] == "TooLarge"
    with pytest.raises(WorkerEnded):
        ask(session, "small")
    assert len(asked) == 3


def test_a_slow_submission_is_left_alone_after_a_while(monkeypatch):
    session = ModestSession(InProcessSession({"f": lambda: 1.0}))
    assert ask(session, "f")["value"] == 1.0
    monkeypatch.setattr(modest, "_MOST_S", -1.0)
    with pytest.raises(WorkerEnded):
        ask(session, "f")
