"""A report is plain JSON that keeps to its schema, whatever the results hold."""

import copy
import json

import numpy as np
import pytest
from jsonschema import Draft202012Validator, ValidationError

from autograder.errors import GraderFault, InvalidSubmission, MachineFault
from autograder.model.result import STATUSES, CheckResult
from autograder.model.submission import Submission
from autograder.reporting import build


def test_the_schema_is_a_schema(schema):
    Draft202012Validator.check_schema(schema)
    assert schema["$defs"]["graded"]["properties"]["schema_version"]["const"] == build.SCHEMA_VERSION
    assert schema["$id"].endswith(build.SCHEMA_VERSION)
    assert schema["$defs"]["status"]["enum"] == list(STATUSES)


def test_every_object_of_the_schema_is_closed_or_says_what_may_be_added(schema):
    def objects(node):
        if isinstance(node, dict):
            if node.get("type") == "object" and node is not schema:
                yield node
            for child in node.values():
                yield from objects(child)
        elif isinstance(node, list):
            for child in node:
                yield from objects(child)

    assert all("additionalProperties" in found for found in objects(schema))


def test_a_graded_report_names_points_parts_and_checks(graded, assert_valid, wrong):
    report = graded(add_values=wrong)
    assert_valid(report)
    assert (report["status"], report["score"], report["max_score"]) == ("graded", 2.5, 3.5)
    assert [(p["id"], p["score"], p["max_score"]) for p in report["parts"]] == [
        ("first", 2, 2),
        ("second", 0.5, 1.5),
    ]
    check = report["checks"][1]
    assert (check["id"], check["status"], check["reason"], check["score"]) == (
        "add.values",
        "failed",
        "wrong_values",
        0,
    )
    assert check["details"]["got"] == 2.0
    assert report["manual"] == [{"id": "essay", "title": "why two and two make four"}]


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_valid(graded, assert_valid, status):
    fraction = {"passed": 1.0, "partial": 0.5}.get(status, 0.0)
    reason = "" if status == "passed" else "why"
    assert_valid(graded(double=CheckResult(status, reason, reason, fraction)))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidSubmission("One sentence."), "invalid_submission"),
        (GraderFault("One sentence."), "grader_error"),
        (MachineFault("One sentence."), "infrastructure_error"),
    ],
)
@pytest.mark.parametrize("was_read", [True, False])
def test_a_report_without_a_score_says_why(not_graded, assert_valid, submission, error, status, was_read):
    report = not_graded(error, submission if was_read else None)
    assert_valid(report)
    assert (report["status"], report["message"], report["score"]) == (status, "One sentence.", None)
    assert report["submission"]["id"] == "ada"
    assert "checks" not in report


def test_the_maximum_is_the_same_with_and_without_a_score(graded, not_graded, assignment, edit, homework):
    assert graded()["max_score"] == not_graded()["max_score"] == 3.5


def test_hundredths_of_points_add_up_without_a_score(assignment, homework, edit):
    from autograder.assignment.load import load

    edit("rubric.toml", "points = 2", "points = 0.1")
    edit("rubric.toml", "points = 1\n", "points = 0.2\n")
    edit("rubric.toml", "points = 0.5", "points = 0.3")
    report = build.not_graded(load(homework), "ada", InvalidSubmission("x"), seed=7)
    assert report["max_score"] == 0.6


@pytest.mark.parametrize(
    "value",
    [
        np.float64(1.5),
        np.float32(1.5),
        np.int64(3),
        np.bool_(True),
        np.array([1.0, np.nan]),
        np.array(2),
        float("nan"),
        float("-inf"),
        [np.inf, (1, None)],
        {"deep": {1: np.uint8(3)}},
        "\ud800 lone",
        object(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_details_of_any_kind_become_plain_json(graded, assert_valid, value):
    result = CheckResult("failed", "why", "why", 0.0, {"extra": value})
    report = graded(double=result)
    assert_valid(report)
    json.dumps(report, allow_nan=False).encode("utf-8")


def test_trainings_are_listed_with_their_check(graded, assert_valid):
    record = {
        "task": "xor",
        "metric": "loss",
        "value": float("nan"),
        "threshold": 0.1,
        "zero": 0.7,
        "target": 0.05,
        "share": 0.0,
        "loss_curve": [0.7, float("inf")],
    }
    report = graded(double=CheckResult("failed", "why", "why", 0.0, training=(record,)))
    assert_valid(report)
    assert report["training"] == [{"check": "double", **record, "value": "nan", "loss_curve": [0.7, "inf"]}]


def test_follow_through_is_noted(graded, assert_valid):
    note = {
        "own_chain": "failed",
        "with_reference": "passed",
        "replaced": ["add"],
        "counted": "with_reference",
        "own_message": "Wrong.",
        "credit": 1.0,
    }
    report = graded(double=CheckResult("passed", "", "", 1.0, follow_through=note))
    assert_valid(report)
    assert report["checks"][0]["follow_through"] == note


FAILED_LINE = {"line": 3, "type": "NameError", "message": "no", "code": "x", "function": "f"}
FAILED_CELL = {"cell": 2, "type": "NameError", "message": "no", "code": "x"}


@pytest.mark.parametrize("loaded", [None, {"failed": []}, {"failed": [FAILED_LINE, {}]}])
def test_statements_that_failed_are_listed(graded, assert_valid, loaded):
    report = graded(loaded=loaded, load_failure="" if loaded else "Importing the module took too long.")
    assert_valid(report)
    assert report["module"] == (loaded or {"failed": []})
    assert report["notebook"] is None


@pytest.mark.parametrize("loaded", [None, {"cells": 3, "failed": [FAILED_CELL]}])
def test_cells_that_failed_are_listed(graded, assert_valid, loaded):
    report = graded(loaded=loaded, submission=Submission("ada", "notebook", "hw.ipynb", {}))
    assert_valid(report)
    assert report["notebook"] == (loaded or {"cells": 0, "failed": []})
    assert report["module"] is None


def test_odd_names_of_submissions_are_made_plain(graded, assert_valid):
    name = "a\udcff\nb"  # from bytes that are not UTF-8
    report = graded(submission=Submission(name, "module", name, {name: b""}, notes=(name,)))
    assert_valid(report)
    assert report["submission"]["id"] == "a?\nb"


def places(node, path=()):
    """Where the objects of a report are."""
    if isinstance(node, dict):
        yield path
        for key, child in node.items():
            yield from places(child, (*path, key))
    elif isinstance(node, list):
        for i, child in enumerate(node):
            yield from places(child, (*path, i))


def test_a_report_with_a_field_more_or_less_is_invalid(graded, assert_valid, wrong):
    report = graded(add_values=wrong, loaded={"failed": [FAILED_LINE]})
    free = {("isolation", "properties"), ("timing", "checks")}
    for path in places(report):
        if path in free or "details" in path:
            continue
        for change in ("more", "less"):
            broken = copy.deepcopy(report)
            node = broken
            for step in path:
                node = node[step]
            if change == "more":
                node["unknown"] = 1
            elif path[:1] == ("module",) and len(path) > 1:
                continue  # every field of a failure may be missing
            else:
                del node[next(iter(node))]
            with pytest.raises(ValidationError):
                assert_valid(broken)


def test_a_bonus_is_told_and_keeps_to_the_schema(with_bonus, assert_valid):
    report = with_bonus()
    assert_valid(report)
    assert (report["score"], report["max_score"]) == (3.5, 2)
    assert report["bonus"] == {"score": 1.5, "max_score": 1.5}
    assert [part.get("is_bonus", False) for part in report["parts"]] == [False, True]


def test_a_report_without_a_bonus_does_not_mention_one(graded):
    report = graded()
    assert "bonus" not in report and all("is_bonus" not in part for part in report["parts"])
