"""What students read of the findings: short, each thing once, and clear on any ground."""

import re

import pytest

from autograder.public.show import Shown

PRINTS = "\n\ndef double(x):\n    print('<b>', x)\n    return 3 * x\n"


def shown(checks, namespace, name=None):
    return Shown(checks, checks.run(namespace, name), "work.py")


def test_values_that_are_right_are_counted(checks, submission):
    wrong = "\n\ndef both(x, doubled=True):\n    return 2 * x + 1 + (x == 2)\n"
    text = repr(shown(checks, submission(wrong), "both"))
    lines = [line.split() for line in text.splitlines()]
    at = lines.index(["wrong", "value", "largest", "error", "allowed"])
    assert lines[at + 1][:4] == ["both", "of", "2", "1"]
    assert lines[at + 2] == ["2", "others", "are", "right."]


def test_no_table_is_shown_where_all_values_are_right(checks, submission):
    wrong = "\n\ndef shift(x):\n    return x + 1 if x < 2 else 1 / 0\n"
    text = repr(shown(checks, submission(wrong), "shift"))
    assert "All 2 values that were compared are right." in text
    assert "allowed" not in text


@pytest.mark.parametrize(("times", "told"), [(1, "1 line:"), (3, "3 lines:"), (240, "240 lines; the first:")])
def test_the_first_lines_that_were_printed_stand_below_their_check(checks, submission, times, told):
    text = f"\n\ndef double(x):\n    for n in range({times}):\n        print('<b>', n)\n    return 2 * x\n"
    found = shown(checks, submission(text), "double")
    assert f"Your code printed {told}\n      <b> 0" in repr(found)
    assert repr(found).count("<b>") == min(times, 3)
    assert f"Your code printed {told}" in found._repr_html_()
    assert "<b> 0" not in found._repr_html_()


def test_what_is_open_is_explained_once(checks, submission):
    text = repr(shown(checks, submission(PRINTS)))
    assert text.count("Mend double first.") == 2
    assert text.count("The grader judges it again") == 1
    assert "uses what is not right yet (double)" in text


def test_what_was_not_run_is_counted_and_not_listed(checks, submission, usual_signals):
    interrupts = "\n\ndef {}(x):\n    import signal\n    signal.raise_signal(signal.SIGINT)\n"
    found = shown(checks, submission(interrupts.format("double") + interrupts.format("shift")))
    assert "You ended the checks: 4 were not run." in repr(found)
    assert "what all does" not in repr(found) + found._repr_html_()
    assert repr(found).count("interrupted  ") == 2


def test_points_stay_in_one_line_and_everything_begins_at_the_top(checks, submission):
    page = shown(checks, submission(PRINTS))._repr_html_()
    cells = re.findall(r"<td style='([^']*)'>", page)
    assert cells
    assert all("vertical-align:top" in style for style in cells)
    assert re.search(r"white-space:nowrap'>0 / 1</td>", page)
    assert re.search(r"<div style='opacity:[.]75'>what double does</div><div>double is wrong", page)


def test_the_last_line_has_the_points_without_the_bonus(checks, submission):
    footer = shown(checks, submission(), "part1").footer
    assert footer == "work.py: 3 of 3 points. Public checks only: 6 of 10 points are decided here."
