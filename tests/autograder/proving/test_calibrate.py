"""The calibration measures the real homework, and fails where its numbers do not hold."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest

from autograder.assignment.load import load
from autograder.cli.main import main
from autograder.errors import UsageError
from autograder.proving.calibrate import Plan, calibrate

ROOT = Path(__file__).parents[3]
CHECKS = ("linear_forward", "one_hot")


@pytest.fixture
def homework(tmp_path):
    """A copy of the homework with two correct styles, whose rubric can be changed."""
    for part in ("assignment.toml", "rubric.toml", "reference", "student_template", "tests/checks"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / part, tmp_path / part)
    for style in ("einsum", "float32"):
        shutil.copytree(ROOT / "tests/corpus/correct" / style, tmp_path / "tests/corpus/correct" / style)
    return tmp_path


def without_styles():
    return dataclasses.replace(load(ROOT), correct=None)


def with_tolerance(assignment, **changes):
    default = dataclasses.replace(assignment.rubric.tolerances["default"], **changes)
    tolerances = {**assignment.rubric.tolerances, "default": default}
    return dataclasses.replace(
        assignment, rubric=dataclasses.replace(assignment.rubric, tolerances=tolerances)
    )


def test_the_command_prints_figures_beside_the_rubrics_and_writes_them(homework, tmp_path, capsys):
    out = tmp_path / "figures.json"
    command = ["--assignment", str(homework), "calibrate", "--seeds", "2", "--jobs", "1"]
    assert main([*command, "--checks", *CHECKS, "--json", str(out)]) == 0
    printed = capsys.readouterr().out
    [line] = [line for line in printed.splitlines() if line.startswith("linear_forward")]
    assert line.split()[1] == "default"
    assert line.endswith("ok")
    assert "default        1e-06   1e-09" in printed
    assert "one_hot                       kept by all correct work" in printed
    assert printed.endswith("Calibrated.\n")
    figures = json.loads(out.read_text("utf-8"))
    assert figures["plan"]["seeds"] == 2
    assert [entry["check"] for entry in figures["checks"]] == ["one_hot", "linear_forward"]
    linear = figures["checks"][1]
    assert linear["tolerances"]["default"]["rtol"] == 1e-6
    assert linear["correct"]["double"]["share"] < 0.1 < 10 < linear["wrong"]["double"]["share"]
    assert linear["correct"]["single"]["by"] in {
        "float32",
        "float32 in single",
        "einsum in single",
        "reference in single",
    }
    assert figures["problems"] == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"rtol_single": 1e-7, "atol_single": 0.0},
            "linear_forward: the correct reference in single comes to ",
        ),
        ({"rtol": 0.5}, "linear_forward: the wrong linear_forward__bias_missing comes to "),
    ],
    ids=["too tight", "too loose"],
)
def test_a_rubric_whose_tolerance_does_not_fit_fails(changes, said):
    assignment = with_tolerance(without_styles(), **changes)
    found = calibrate(assignment, Plan(seeds=2, training_seeds=1, checks=CHECKS))
    assert any(problem.startswith(said) for problem in found.problems())
    assert not any(problem.startswith("one_hot") for problem in found.problems())


def test_the_command_fails_where_a_tolerance_does_not_fit(homework, capsys):
    rubric = homework / "rubric.toml"
    rubric.write_text(rubric.read_text("utf-8").replace("rtol_single = 1e-4", "rtol_single = 1e-9"), "utf-8")
    command = ["--assignment", str(homework), "calibrate", "--seeds", "1", "--jobs", "1", "--checks", "relu"]
    assert main(command) == 1
    printed = capsys.readouterr().out
    assert "problem: relu: the correct " in printed
    assert "FAILS" in printed


def test_what_depends_on_chance_is_measured_start_by_start():
    found = calibrate(without_styles(), Plan(seeds=1, training_seeds=2, checks=("task.spirals",)))
    [chance] = found.chances
    assert [start.missed for start in chance.starts] == [[], []]
    assert [(s.task, s.start) for s in chance.spreads()] == [("spirals", 1), ("spirals", 2)]
    first, second = chance.spreads()
    assert first.threshold > second.threshold, "the short start has the stricter threshold"
    assert {"learning rate 0", "labels shuffled"} <= {weak.name for weak in chance.weak}
    assert all(weak.passed == 0 for weak in chance.weak)
    [problem] = found.problems()
    assert problem.startswith("task.spirals: correct work misses full marks with a chance below ")


def test_processes_measure_the_same():
    plan = Plan(seeds=2, training_seeds=1, checks=("relu",))
    one = calibrate(without_styles(), plan)
    two = calibrate(without_styles(), dataclasses.replace(plan, jobs=2))
    assert one.gaps == two.gaps


def test_a_check_that_there_is_not_is_refused():
    with pytest.raises(UsageError, match="there is no check 'rellu'"):
        calibrate(without_styles(), Plan(checks=("rellu",)))


def test_numbers_of_seeds_must_be_numbers(capsys):
    assert main(["calibrate", "--seeds", "0"]) == 2
    assert "'0' is no whole number from 1 on" in capsys.readouterr().err
