"""Correct work earns every point, whatever its style."""

from pathlib import Path

import pytest

from autograder.assignment.load import load
from autograder.pipeline import grade

ROOT = Path(__file__).parents[2]
ASSIGNMENT = load(ROOT)
STYLES = sorted(p for p in (ROOT / "tests" / "corpus" / "correct").iterdir() if p.is_dir())


@pytest.mark.parametrize("style", STYLES, ids=lambda p: p.name)
def test_correct_work_earns_every_point(style):
    regular = {c.id for c in ASSIGNMENT.rubric.checks if c.part not in ASSIGNMENT.rubric.bonus_parts}
    report = grade(style, ASSIGNMENT, entry=None, seed=ASSIGNMENT.seed, selected=regular)
    assert report["status"] == "graded", report["message"]
    lost = {c["id"]: c["message"] for c in report["checks"] if c["score"] < c["max_score"]}
    assert lost == {}
    assert report["score"] == report["max_score"] == 100


def test_there_are_many_styles():
    assert len(STYLES) >= 10
    assert any(style.joinpath("mlp.ipynb").exists() for style in STYLES)
