"""Public checks of code that is wrong, does not end, or is interrupted."""

import threading

import pytest

from autograder.model.result import FAILED, NOT_IMPLEMENTED, PASSED, TIMEOUT
from autograder.public.run import INTERRUPTED, NOT_RUN, OPEN

INTERRUPTS = """

def double(x):
    import signal
    signal.raise_signal(signal.SIGINT)
    return 2 * x
"""
ENDLESS = """

def double(x):
    while True:
        x += 1
"""


def statuses(findings):
    return {finding.id: finding.status for finding in findings}


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        (None, ["double", "shift", "both.values", "both.shifted", "all", "extra"]),
        ("part2", ["both.values", "both.shifted", "all"]),
        ("both", ["both.values", "both.shifted"]),
        ("both.shifted", ["both.shifted"]),
        ("1.1", ["double"]),
        ("1.10", ["shift"]),
        ("2.1", ["both.values", "both.shifted"]),
    ],
)
def test_checks_are_chosen_by_function_part_id_and_number(checks, name, ids):
    assert [check["id"] for check in checks.select(name)] == ids


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("doubel", "there is no check of 'doubel'; is double meant?"),
        ("secret", "secret is left to the grader."),
        ("secret.part", "secret.part is left to the grader."),
        ("part9", "part9 is left to the grader."),
        ("9.1", "9.1 is left to the grader."),
        (
            "xyz",
            "there is no check of 'xyz'; there are part1, part2, more, double, shift, both, all, extra.",
        ),
        ("", "there is no check of ''; there are part1, part2, more, double, shift, both, all, extra."),
    ],
)
def test_a_name_that_is_not_known_is_answered_by_a_sentence(checks, name, told):
    with pytest.raises(ValueError) as raised:
        checks.select(name)
    assert str(raised.value) == told


def test_the_bonus_is_not_among_the_points_that_are_decided(checks):
    assert (checks.decided, checks.max_score) == (6, 10)


def test_right_code_passes(checks, submission):
    assert set(statuses(checks.run(submission())).values()) == {PASSED}


def test_what_builds_on_a_wrong_piece_that_it_calls_is_open(checks, submission):
    findings = {f.id: f for f in checks.run(submission("\n\ndef double(x):\n    return 3 * x\n"))}
    assert statuses(findings.values()) == {
        "double": FAILED,
        "shift": PASSED,
        "both.values": OPEN,
        "both.shifted": PASSED,
        "all": OPEN,
        "extra": PASSED,
    }
    assert findings["both.values"].message.startswith("Mend double first. both of 1 is wrong")
    assert findings["all"].mend == ("double",)


def test_what_is_wrong_by_itself_is_not_open(checks, submission):
    wrong = (
        "\n\ndef double(x):\n    return 3 * x\n\n\ndef both(x, doubled=True):\n    return x + 2 * doubled\n"
    )
    findings = checks.run(submission(wrong), "both")
    assert statuses(findings) == {"both.values": FAILED, "both.shifted": FAILED}


def test_a_message_names_the_first_piece_and_counts_the_others(checks, submission):
    wrong = "\n\ndef shift(x):\n    return x\n\n\ndef double(x):\n    raise NotImplementedError\n"
    wrong += f"\n\ndef all(x):\n    raise ValueError('{'long ' * 200}', both(x, False), double)\n"
    wrong += (
        "\n\ndef both(x, doubled=True):\n    try:\n        double(x)\n    finally:\n        return shift(x)\n"
    )
    findings = {f.id: f for f in checks.run(submission(wrong))}
    assert findings["double"].status == NOT_IMPLEMENTED
    assert findings["all"].message.startswith("Mend double first (and 1 more). all raised")
    assert findings["all"].mend == ("double", "shift")  # both is open itself
    assert len(findings["all"].message) <= 180


def test_an_interrupt_ends_one_check_and_says_where(checks, submission, usual_signals):
    findings = checks.run(submission(INTERRUPTS))
    assert statuses(findings) == {
        "double": INTERRUPTED,
        "shift": PASSED,
        "both.values": OPEN,  # it would not return either
        "both.shifted": PASSED,
        "all": OPEN,
        "extra": PASSED,
    }
    assert findings[0].message.startswith("Interrupted in double, line 2")
    assert "of work.py (signal.raise_signal(signal.SIGINT))." in findings[0].message


def test_a_second_interrupt_soon_after_ends_all(checks, submission, usual_signals):
    again = INTERRUPTS.replace("double", "shift")
    findings = checks.run(submission(INTERRUPTS + again))
    assert [f.status for f in findings] == [INTERRUPTED, INTERRUPTED, *[NOT_RUN] * 4]


def test_a_second_interrupt_later_ends_one_more(checks, submission, usual_signals, monkeypatch):
    monkeypatch.setattr("autograder.public.run._TWICE_S", 0.0)
    findings = checks.run(submission(INTERRUPTS + INTERRUPTS.replace("double", "shift")))
    assert [f.status for f in findings].count(INTERRUPTED) == 2
    assert findings[-1].status == PASSED


def test_what_does_not_end_is_stopped(checks, submission, usual_signals):
    findings = {f.id: f for f in checks.run(submission(ENDLESS))}
    assert findings["double"].status == TIMEOUT
    assert findings["double"].message.startswith("Stopped after 0.3 s in double, line ")
    assert findings["double"].message.endswith("The grader gives each call 0.1 s.")
    assert findings["both.values"].status == OPEN
    assert findings["both.values"].message.startswith("Mend double first. ")
    assert findings["both.shifted"].status == PASSED


def test_the_names_mean_the_students_functions_afterwards(checks, submission, usual_signals):
    namespace = submission(ENDLESS)
    before = dict(namespace)
    checks.run(namespace)
    assert namespace == before


def test_a_timer_of_somebody_else_is_left_alone(checks, submission):
    import signal

    signal.setitimer(signal.ITIMER_REAL, 100)
    handler = signal.signal(signal.SIGALRM, lambda *_: None)
    try:
        checks.run(submission(), "double")
        assert 90 < signal.getitimer(signal.ITIMER_REAL)[0] <= 100
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)


def test_in_another_thread_there_is_no_limit_and_the_verdicts_are_the_same(checks, submission):
    found = []
    thread = threading.Thread(target=lambda: found.extend(checks.run(submission())))
    thread.start()
    thread.join()
    assert len(found) == 6
    assert set(statuses(found).values()) == {PASSED}


def test_what_is_printed_belongs_to_its_check(checks, submission, capsys):
    text = "\n\ndef shift(x):\n    print('shifting', x)\n    return x + 1\n"
    findings = {f.id: f for f in checks.run(submission(text))}
    assert capsys.readouterr().out == ""
    assert findings["double"].printed.count == 0
    assert findings["shift"].printed.first == ["shifting 0.0", "shifting 1.0", "shifting 2.0"]
    assert findings["both.shifted"].printed.first == ["shifting 1.0"]
