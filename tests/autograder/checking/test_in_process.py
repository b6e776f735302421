"""Code of the grader's own in this process is judged as a worker's submission is."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment.load import load
from autograder.assignment.mistakes import read_mistakes
from autograder.checking.fixtures import Fixtures
from autograder.checking.in_process import InProcessSession
from autograder.checking.run import collect
from autograder.diagnosis import variants
from autograder.host.ending import WorkerEnded
from autograder.host.pool import Zygote
from autograder.host.session import Session
from autograder.model.submission import Submission
from autograder.wire import messages
from autograder.wire.values import Callback, Handle, Opaque, RandomGenerator

ROOT = Path(__file__).parents[3]
ASSIGNMENT = load(ROOT)
CHECKS = collect(ASSIGNMENT)
KNOWN = {mistake.id: mistake for mistake in read_mistakes(ASSIGNMENT.mistakes)}
QUICK = [i for i in CHECKS if not i.startswith(("compare_", "task", "MLP.gradients"))]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "linear_backward__db_averaged",
        "numerical_gradient__not_restored",
        "minibatches__last_batch_dropped",
        "Adam.step__bracket",
        "MLP.loss__penalty_missing",
        "train__history_missing",
        "decision_grid__points_as_columns",
    ],
)
def test_results_are_those_of_a_worker(name):
    source = variants.of(ASSIGNMENT.reference)
    changes = KNOWN[name].changes if name else ()
    here = Fixtures(ASSIGNMENT, InProcessSession(source.namespace(changes)), 3)
    files = {"mlp.py": source.source(changes).encode()}
    submission = Submission("x", "module", "mlp.py", files)
    with Zygote() as zygote, Session(zygote, submission, ASSIGNMENT.rubric.limits, "mlp", {}, 3) as session:
        session.load()
        there = Fixtures(ASSIGNMENT, session, 3)
        for check_id in QUICK:
            one, other = here.run(CHECKS[check_id], check_id), there.run(CHECKS[check_id], check_id)
            assert (one.status, one.reason, one.fraction) == (other.status, other.reason, other.fraction), (
                check_id
            )
            lines = ("exception",)  # only a worker knows the submission's file
            assert {k for k in one.details if k not in lines} == {k for k in other.details if k not in lines}


def ask(namespace, *steps, **how):
    return InProcessSession(namespace).ask(list(steps), 5.0, **how)


def test_arguments_and_answers_are_copies():
    kept = np.ones(2)

    def spoil(x):
        x += 1
        return kept

    given = np.zeros(2)
    [outcome] = ask({"spoil": spoil}, messages.call("spoil", (given,)))
    assert outcome["modified"] == [0]
    outcome["value"][:] = 7
    assert given.tolist() == [0, 0]
    assert kept.tolist() == [1, 1]


def test_arrays_in_a_list_are_compared_and_dictionaries_are_not():
    def spoil(weights, params):
        weights[1] += 1
        params["W"] += 1

    given = ([np.zeros(2), np.zeros(3)], {"W": np.zeros(2)})
    [outcome] = ask({"spoil": spoil}, messages.call("spoil", given))
    assert outcome["modified"] == [0]


@pytest.mark.parametrize("count", [0, 3, 10_000])
def test_a_generator_is_drawn_out(count):
    [outcome] = ask({"f": lambda: (np.full(1, i) for i in range(count))}, messages.call("f"))
    assert [int(item[0]) for item in outcome["value"]] == list(range(count))


@pytest.mark.parametrize("endless", [itertools.count, lambda: (i for i in range(10_001))])
def test_an_endless_generator_is_none_of_the_kinds_that_can_be_sent(endless):
    [outcome] = ask({"f": endless}, messages.call("f"))
    assert isinstance(outcome["value"], Opaque)


def test_an_object_that_is_kept_is_not_drawn_out():
    session, handle = InProcessSession({"f": lambda: iter([1, 2])}), Handle(1)
    session.ask([messages.call("f", save_as=handle)], 5.0)
    [outcome] = session.ask([messages.call("__next__", on=handle)], 5.0)
    assert outcome["value"] == 1


def test_an_exception_in_a_generator_is_the_calls_own():
    def f():
        yield 1
        raise ZeroDivisionError("no")

    [outcome] = ask({"f": f}, messages.call("f"))
    assert outcome["error"]["type"] == "ZeroDivisionError"


def test_exceptions_and_missing_names_are_described():
    def broken():
        raise ZeroDivisionError("no")

    session = InProcessSession({"broken": broken})
    [first] = session.ask([messages.call("broken")], 5.0)
    [second] = session.ask([messages.call("absent")], 5.0)
    assert (first["error"]["type"], first["error"]["message"]) == ("ZeroDivisionError", "no")
    assert second["error"]["type"] == "MissingName"


def test_objects_stay_and_generators_go_on():
    session = InProcessSession({"draw": lambda rng: rng.random()})
    handle = Handle(1)
    session.ask([messages.put(RandomGenerator(4), handle)], 5.0)
    values = [session.ask([messages.call("draw", (handle,))], 5.0)[0]["value"] for _ in range(2)]
    assert values == list(np.random.default_rng(4).random(2))
    assert session.ask([messages.fetch(handle)], 5.0)[0]["value"] == Opaque("Generator")


def test_callbacks_may_ask_back():
    session = InProcessSession({"outer": lambda f: f(2) + 1, "inner": lambda x: 10 * x})

    def called(x):
        return session.ask([messages.call("inner", (x,))], 5.0)[0]["value"]

    assert session.ask([messages.call("outer", (Callback(0),))], 5.0, [called])[0]["value"] == 21


def test_names_mean_something_else_for_a_while():
    namespace = {}
    exec("def f(x):\n    return x\n\ndef g(x):\n    return f(x)", namespace)
    session = InProcessSession(namespace)
    session.bind({"f": lambda x: 5 * x})
    assert session.ask([messages.call("g", (2,))], 5.0)[0]["value"] == 10
    session.unbind()
    assert session.ask([messages.call("g", (2,))], 5.0)[0]["value"] == 2


def test_what_does_not_end_is_ended():
    def forever():
        while True:
            pass

    with pytest.raises(WorkerEnded):
        InProcessSession({"forever": forever}).ask([messages.call("forever")], 0.2)
