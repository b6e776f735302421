"""The reference is trained as the checks train, once for each seed."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from autograder.assignment.load import load
from autograder.pages.reference import ReferenceTrainings
from tests.autograder.course.class_run import SCHEMA

TRAINS = """

@check("add.values")
def test_add(student, reference, rng, record_training):
    for start, share in ((1, 0.5), (2, 1.0)):
        record_training(task="sum", metric="m", value=float(student.add(start, rng.normal())), share=share)
"""


@pytest.fixture
def trainings(homework):
    path = homework / "checks" / "test_small.py"
    before, _, after = path.read_text().partition('\n@check("add.values")')
    path.write_text(before + TRAINS + "\n\n" + after[after.index("@check") :])
    return ReferenceTrainings(load(homework))


def test_the_best_start_of_every_check_that_trains(trainings):
    records = trainings.of(3)
    assert set(records) == {("add.values", "sum")}
    assert records["add.values", "sum"]["share"] == 1.0


def test_the_same_seed_is_trained_once_and_another_gives_other_numbers(trainings):
    assert trainings.of(3) is trainings.of(3)
    values = [trainings.of(seed)["add.values", "sum"]["value"] for seed in (3, 4)]
    assert values[0] != values[1]


def test_the_homeworks_tasks_have_curves_and_those_with_two_inputs_a_map():
    assignment = load(Path(__file__).parents[3])
    records = ReferenceTrainings(assignment).of(assignment.seed)
    schema = {**SCHEMA["$defs"]["training"], "$defs": SCHEMA["$defs"]}
    for record in records.values():
        Draft202012Validator(schema).validate({"check": "task", **record})
    assert all(record["loss_curve"] for record in records.values())
    maps = {task: record["map"] for (_, task), record in records.items() if "map" in record}
    assert set(maps) == {"xor", "xor_full_stack", "spirals"}
    for plane in maps.values():
        seen = set("".join(plane["classes"]))
        assert len({len(row) for row in plane["classes"]}) == 1 and seen == set(plane["points"]["classes"])
