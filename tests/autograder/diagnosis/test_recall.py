"""What variants answer is asked for once, and the same is told however far it was asked for before."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from autograder.diagnosis import recall
from autograder.diagnosis.recall import Recall
from autograder.diagnosis.script import Exchange, Script
from autograder.diagnosis.variants import Variants
from autograder.model.mistake import Change
from autograder.wire import messages
from autograder.wire.values import Handle

SOURCE = """
class Counter:
    def __init__(self):
        self.count = 0

    def up(self):
        self.count += 1
        return self.count
"""
BY_TWO = (Change("Counter", "self.count += 1", "self.count += 2"),)


@pytest.fixture
def source(tmp_path: Path):
    path = tmp_path / "counter.py"
    path.write_text(SOURCE, "utf-8")
    return Variants(path)


def script(calls):
    handle = Handle(1)
    steps = [messages.call("Counter", save_as=handle), *[messages.call("up", on=handle)] * calls]
    return Script(tuple(Exchange("counter", "Counter.up", (step,)) for step in steps))


def told(answers):
    return [int(np.squeeze(answer.numbers[()])) for answer in answers if answer.numbers]


def test_answers_go_on_where_they_were_left(source):
    known, asked = Recall(source), script(3)
    assert told(itertools.islice(known.answers(BY_TWO, asked), 2)) == [2]
    assert told(known.answers(BY_TWO, asked)) == [2, 4, 6]
    assert told(known.answers((), asked)) == [1, 2, 3]


def test_what_is_known_is_not_asked_again(source, monkeypatch):
    known, asked = Recall(source), script(3)
    first = list(known.answers(BY_TWO, asked))
    monkeypatch.setattr(recall, "InProcessSession", None)
    assert list(known.answers(BY_TWO, asked)) == first


def test_the_oldest_are_forgotten(source, monkeypatch):
    monkeypatch.setattr(recall, "_MOST", 2)
    known, scripts = Recall(source), [script(n) for n in (1, 2, 3)]
    for asked in scripts:
        list(known.answers(BY_TWO, asked))
    assert [kept for kept, _ in known._kept.values()] == scripts[1:]
