"""Reports of made-up results."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import autograder.reporting
from autograder.assignment.load import load
from autograder.errors import InvalidSubmission
from autograder.model.result import CheckResult
from autograder.model.submission import Submission
from autograder.reporting import build
from autograder.scoring.points import add_up

ISOLATION = {
    "level": "limited",
    "properties": {"read_files": True, "fork": False},
    "missing": ["start a process"],
}
TIMING = {"wall_s": 1.5, "load_s": 0.1, "submission_cpu_s": 0.2, "grader_cpu_s": 0.3}
PASSED = CheckResult("passed", "", "", 1.0)
WRONG = CheckResult(
    "failed",
    "wrong_values",
    "add is wrong.",
    0.0,
    {
        "what": "add",
        "shape": [3],
        "worst_error": 1.0,
        "at": [1],
        "tolerance": 1e-6,
        "got": 2.0,
        "expected": 1.0,
    },
)


@pytest.fixture
def submission():
    """A module of someone's."""
    return Submission("ada", "module", "hw.py", {"hw.py": b"x = 1"})


@pytest.fixture
def graded(assignment, submission):
    """Makes reports: ``graded(double=CheckResult(...), loaded={...})``; checks that are not named pass."""

    def report(loaded=None, load_failure="", submission=submission, **results):
        found = {c.id: results.get(c.id.replace(".", "_"), PASSED) for c in assignment.rubric.checks}
        return build.graded(
            assignment,
            submission,
            add_up(assignment.rubric, found),
            seed=7,
            loaded=loaded,
            load_failure=load_failure,
            isolation=ISOLATION,
            timing=TIMING,
        )

    return report


@pytest.fixture
def with_bonus(homework, edit, submission):
    """Makes reports of an assignment whose second part is a bonus; see `graded`."""
    edit("rubric.toml", 'title = "The second part"', 'title = "The second part"\nbonus = true')
    assignment = load(homework)

    def report(**results):
        found = {c.id: results.get(c.id.replace(".", "_"), PASSED) for c in assignment.rubric.checks}
        score = add_up(assignment.rubric, found)
        about = {"loaded": None, "load_failure": "", "isolation": ISOLATION, "timing": TIMING}
        return build.graded(assignment, submission, score, seed=7, **about)

    return report


@pytest.fixture
def not_graded(assignment):
    """Makes reports without a score."""

    def report(error=None, submission=None):
        error = error or InvalidSubmission("ada holds nothing.")
        return build.not_graded(assignment, "ada", error, seed=7, submission=submission)

    return report


@pytest.fixture
def wrong():
    """A result with numbers in it."""
    return WRONG


@pytest.fixture(scope="session")
def schema():
    """The published schema."""
    path = Path(autograder.reporting.__file__).with_name("schema.json")
    return json.loads(path.read_text("utf-8"))


@pytest.fixture
def assert_valid(schema):
    """Fails with the place of the first mistake; a report is judged as it stands in a file."""

    def check(report):
        report = json.loads(json.dumps(report, allow_nan=False))
        form = "graded" if report["status"] == "graded" else "not_graded"
        Draft202012Validator({**schema, "oneOf": [{"$ref": f"#/$defs/{form}"}]}).validate(report)
        Draft202012Validator(schema).validate(report)

    return check
