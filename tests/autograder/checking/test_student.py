"""What comes of a call into the submission: a value, or lost points with a reason that can be shown."""

import pytest

from autograder.checking.lost_points import LostPoints, Raised
from autograder.checking.student import Remote, Student
from autograder.host.ending import Ending, WorkerEnded
from autograder.wire.values import Callback, Handle, WireError


class FakeSession:
    """Answers what the test says, and remembers what was asked."""

    def __init__(self, *outcomes, ends=None):
        self.outcomes, self.ends, self.steps = list(outcomes), ends, []
        self.loaded = {"failed": []}

    def ask(self, steps, timeout_s, callbacks=(), doing=""):
        self.steps += steps
        if self.ends:
            raise self.ends
        return self.outcomes


def lost(error):
    with pytest.raises(LostPoints) as caught:
        Student(FakeSession({"error": error}), 1.0).f()
    return caught.value


def raised(kind, message="", **more):
    return {"type": kind, "bases": [kind, "Exception"], "message": message, **more}


@pytest.mark.parametrize(
    ("error", "status", "reason", "message"),
    [
        (raised("MissingName", "f"), "not_implemented", "missing", "f is not defined."),
        (raised("NotImplementedError"), "not_implemented", "not_written", "f is not written yet."),
        (raised("NotImplementedError", "f"), "not_implemented", "not_written", "f is not written yet."),
        (
            raised("NotImplementedError", "relu"),
            "not_implemented",
            "not_written",
            "f is not written yet (relu).",
        ),
        (raised("MemoryError", "8 GB"), "memory", "memory", "f needs more memory than allowed (8 GB)."),
        (raised("SystemExit", "0"), "crashed", "sys_exit", "f called sys.exit()."),
        (raised("ValueError", "no"), "error", "exception", "f raised ValueError: no."),
        (
            raised("ValueError", "no", line=3, code="raise ValueError('no')"),
            "error",
            "exception",
            "f raised ValueError: no (line 3: raise ValueError('no')).",
        ),
    ],
    ids=lambda v: v.get("type") if isinstance(v, dict) else None,
)
def test_what_is_raised_becomes_a_status_and_a_reason(error, status, reason, message):
    found = lost(error)
    assert (found.status, found.reason, found.message, found.fraction) == (status, reason, message, 0.0)


@pytest.mark.parametrize(
    "error",
    [
        None,
        3,
        "text",
        [],
        {},
        {"type": 3, "bases": 4, "message": [], "line": "x", "code": None},
        {"bases": [3, None, {}]},
        {"type": "NotImplementedError"},
        {"bases": {"NotImplementedError": 1}},
        raised("E", "m", line=True, code="x"),
        raised("E", "m", line=10**300, code="x"),
        raised("E", "m", line=-1, code="x"),
    ],
    ids=repr,
)
def test_a_forged_description_loses_the_points_like_any_other(error):
    found = lost(error)
    assert found.fraction == 0.0
    assert found.status in ("error", "malformed")


# A known bug; the mark goes with the mistake.
NASTY = "\x1b[2J\x1b]0;title\x07\r\n\t\u202e\u200b\ud800\x00\x9b31m" + "x" * 5000


@pytest.mark.parametrize(
    "error",
    [
        raised("ValueError", NASTY, line=1, code=NASTY),
        pytest.param(raised(NASTY, NASTY), id="type"),
        raised("NotImplementedError", NASTY),
        raised("MissingName", NASTY),
        raised("MemoryError", NASTY),
        raised("WireError", NASTY),
        raised("CallbackFailed", NASTY),
    ],
    ids=lambda e: e["type"][:20].strip(),
)
def test_messages_hold_no_control_characters_and_are_short(error):
    message = lost(error).message
    assert message.isprintable()
    assert len(message) < 1500


def test_a_worker_that_ended_gives_its_reason():
    ended = WorkerEnded(Ending("timeout", "wall_time", "f took longer than 1 seconds."))
    with pytest.raises(LostPoints) as caught:
        Student(FakeSession(ends=ended), 1.0).f()
    assert (caught.value.status, caught.value.reason) == ("timeout", "wall_time")


def test_what_cannot_be_sent_is_the_checks_own_fault():
    with pytest.raises(ValueError, match="the check sends what cannot be sent"):
        Student(FakeSession(ends=WireError("object is not plain data")), 1.0).f(object)


@pytest.mark.parametrize("outcomes", [[], [{"value": 1}, {"value": 2}]])
def test_another_number_of_answers_than_asked_is_malformed(outcomes):
    with pytest.raises(LostPoints) as caught:
        Student(FakeSession(*outcomes), 1.0).f()
    assert caught.value.status == "malformed"


def test_arguments_are_sent_with_functions_as_callbacks_and_objects_as_handles():
    session = FakeSession({"value": 1})
    student = Student(session, 1.0)
    student.f([len, (abs,)], model=Remote(student, "Net", Handle(7)), table={"g": max})
    (step,) = session.steps
    assert step["args"] == [[Callback(0), (Callback(1),)]]
    assert step["kwargs"] == {"model": Handle(7), "table": {"g": Callback(2)}}


def test_calls_that_change_their_arguments_are_noted():
    session = FakeSession({"value": 1, "modified": [0]})
    student = Student(session, 1.0)
    student.f(1)
    session.outcomes = [{"value": 1, "modified": [2]}]
    student.f(1)
    assert student.modified == {"f": {0, 2}}


def test_an_exception_keeps_the_names_of_its_classes():
    assert lost(raised("ValueError")).bases == ("ValueError", "Exception")
    assert not isinstance(lost(raised("MissingName", "f")), Raised)


def test_objects_are_made_kept_and_asked_by_name():
    session = FakeSession({"value": 5})
    student = Student(session, 1.0)
    net = student.create("Net", 3)
    assert net.forward(1) == 5
    assert net.get("params") == 5
    net.update("params", {"W": 1})
    assert net.value() == 5
    assert student.keep({"a": 1}).value() == 5
    assert [s["op"] for s in session.steps] == ["call", "call", "get", "update", "fetch", "put", "fetch"]
    assert session.steps[1]["on"] == net.handle


def test_methods_are_named_with_their_object_in_messages():
    session = FakeSession({"value": 1})
    net = Student(session, 1.0).create("Net")
    session.outcomes = [{"error": raised("ValueError", "no")}]
    with pytest.raises(LostPoints, match=r"Net\.forward raised ValueError: no\."):
        net.forward()


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (
            {"line": 3, "type": "SyntaxError", "message": "no"},
            "f could not be read (line 3: SyntaxError: no).",
        ),
        ({"cell": 2, "type": "NameError", "message": "x"}, "f could not be read (cell 2: NameError: x)."),
    ],
)
def test_what_failed_when_it_was_defined_does_not_run(item, message):
    session = FakeSession({"error": raised("MissingName", "f")})
    session.loaded = {"failed": [{"line": 1, "names": ["g"]}, {**item, "names": ["f"]}]}
    with pytest.raises(LostPoints) as caught:
        Student(session, 1.0).f()
    found = caught.value
    assert (found.status, found.reason, str(found.message)) == ("error", "does_not_run", message)
