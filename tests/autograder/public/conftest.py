"""A small bundle of public checks, and the signals as they are at a prompt."""

import json
import signal

import pytest

from autograder.public.run import PublicChecks

CHECKS = """
from autograder.checking.compare import assert_close


def check(name):
    def mark(function):
        function.check_id = name
        return function

    return mark


@check("double")
def test_double(student, tolerance):
    assert_close(student.double(2.0), 4.0, tolerance(), "double")


@check("shift")
def test_shift(student, tolerance):
    for number in range(3):
        assert_close(student.shift(float(number)), number + 1.0, tolerance(), f"shift of {number}")


@check("both.values")
def test_both(student, tolerance):
    for number in range(3):
        assert_close(student.both(float(number)), 2.0 * number + 1, tolerance(), f"both of {number}")


@check("both.shifted")
def test_both_shifted(student, tolerance):
    assert_close(student.both(1.0, False), 2.0, tolerance(), "both")


@check("all")
def test_all(student, tolerance):
    assert_close(student.all(1.0), 9.0, tolerance(), "all")


@check("extra")
def test_extra(student, tolerance):
    assert_close(student.extra(), 1.0, tolerance(), "extra")
"""
RIGHT = """
def double(x):
    return 2 * x


def shift(x):
    return x + 1


def both(x, doubled=True):
    return shift(double(x) if doubled else x)


def all(x):
    return both(x) ** 2


def extra():
    return 1
"""


def _line(name, number, points=1):
    return {"id": name, "title": f"what {name} does", "points": points, "timeout_s": 0.1, "number": number}


TABLE = {
    "title": "A homework",
    "name": "work",
    "max_score": 10,
    "seed": 1,
    "parts": [
        {
            "id": "part1",
            "title": "Pieces",
            "is_bonus": False,
            "checks": [_line("double", "1.1"), _line("shift", "1.10", 2)],
        },
        {
            "id": "part2",
            "title": "Composites",
            "is_bonus": False,
            "checks": [_line("both.values", "2.1"), _line("both.shifted", "2.1"), _line("all", "2.2")],
        },
        {"id": "more", "title": "On top", "is_bonus": True, "checks": [_line("extra", "", 5)]},
    ],
    "tolerances": {"default": {"rtol": 1e-6, "atol": 1e-9, "rtol_single": 1e-4, "atol_single": 1e-6}},
    "left": ["part9", "secret", "9.1"],
    "builds_on": {"both": ["double", "shift"], "all": ["both"]},
}


@pytest.fixture
def checks(tmp_path):
    """The bundle."""
    folder = tmp_path / "homework_checks"
    (folder / "expected").mkdir(parents=True)
    (folder / "checks.json").write_text(json.dumps(TABLE), "utf-8")
    (folder / "test_all.py").write_text(CHECKS, "utf-8")
    return PublicChecks(folder, tmp_path / "data")


@pytest.fixture
def submission(tmp_path):
    """A function that runs the right code with some functions otherwise; its namespace."""

    def build(text=""):
        file = tmp_path / "work.py"
        file.write_text(RIGHT + text, "utf-8")
        namespace = {"__name__": "work"}
        exec(compile(file.read_text("utf-8"), str(file), "exec"), namespace)
        return namespace

    return build


@pytest.fixture
def usual_signals():
    """Handlers as at a prompt; the timer that limits this test is given up for it."""
    handlers = {signal.SIGINT: signal.default_int_handler, signal.SIGALRM: signal.SIG_DFL}
    signal.setitimer(signal.ITIMER_REAL, 0)
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    yield handlers
    assert {number: signal.getsignal(number) for number in handlers} == handlers
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    for number, handler in before.items():
        signal.signal(number, handler)
