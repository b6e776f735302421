"""The handout's figures are the rubric's: what students read is what is marked."""

import re
from pathlib import Path

import pytest

from autograder.assignment.load import load

ROOT = Path(__file__).parents[2]
TEXT = " ".join(
    line.removeprefix("# ")
    for line in (ROOT / "reference" / "mlp.py").read_text("utf-8").splitlines()
    if line.startswith("#")
)
RUBRIC = load(ROOT).rubric


@pytest.mark.parametrize("number", [1, 2, 3])
def test_points_of_each_part(number):
    points = sum(c.points for c in RUBRIC.checks if c.part == f"part{number}")
    assert re.search(rf"## Part {number}: [^(]*\({points:g} points\)", TEXT)


def test_points_sum_to_a_hundred_and_a_bonus():
    assert RUBRIC.max_score == 100
    text = (ROOT / "reference" / "framework.py").read_text("utf-8")
    points = sum(c.points for c in RUBRIC.checks if c.part in RUBRIC.bonus_parts)
    assert re.search(rf"^# ## Part 4: [^(]*\(bonus, {points:g} points\)$", text, re.MULTILINE)
    assert f"a bonus of {points:g} points" in TEXT


@pytest.mark.parametrize("task", list(RUBRIC.training))
def test_told_targets(task):
    told = RUBRIC.training[task]["told"]
    wanted = {
        f"{told:g}",
        f"{told:.2f}",
        f"{told:.1f}",
        f"{100 * told:g}%",
        f"{100 * told:g} %",
        f"{100 * told:g}",
    }
    assert any(re.search(rf"(?<![\d.]){re.escape(text)}(?![\d.]*\d)", TEXT) for text in wanted), (
        f"{task}: {told}"
    )
