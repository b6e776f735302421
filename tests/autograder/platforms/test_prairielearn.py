"""PrairieLearn's results.json: a fraction, all points or none, no attempt used where nothing could be graded."""

import base64
import json

import pytest
from jsonschema import Draft202012Validator

from autograder.assignment.rubric import read_rubric
from autograder.errors import GraderFault, MachineFault
from autograder.platforms import prairielearn
from autograder.platforms.bundle import FILES
from tests.autograder.pages import made_reports
from tests.autograder.pages.made_reports import PASSED, lost, report, without_score
from tests.autograder.platforms.nasty import NASTY
from tests.autograder.platforms.planted import NUMBER, SECRET, planted

VALIDATOR = Draft202012Validator(json.loads((FILES / "prairielearn.schema.json").read_text("utf-8")))
NOTHING = dict.fromkeys(("double", "add", "task_open", "task_secret"), lost("wrong", 0.0))


def results(made):
    found = prairielearn.results(made)
    VALIDATOR.validate(found)
    assert len(json.dumps(found, allow_nan=False)) <= prairielearn.MOST_BYTES
    return found


def broken(made, kind):
    made["module"]["failed"] = [{"line": 3, "type": kind, "message": "invalid syntax", "code": "def f(:"}]
    return made


def test_the_schema_is_a_schema_and_refuses_what_is_not_documented():
    Draft202012Validator.check_schema(VALIDATOR.schema)
    good = results(report())
    for wrong in (
        good | {"score": 1.5},
        {k: v for k, v in good.items() if k != "score"},
        good | {"gradable": False},
        good | {"format_errors": "x"},
        good | {"tests": [{"name": "a", "points": 1}]},
        good | {"images": [{"url": "http://example.com/a.png"}]},
    ):
        assert not VALIDATOR.is_valid(wrong)


def test_the_score_is_a_fraction_and_every_test_has_both_of_its_figures():
    found = results(report(double=PASSED, add=lost("wrong", 0.0)))
    assert found["gradable"] and found["score"] == 0.5
    assert [(t["points"], t["max_points"]) for t in found["tests"]] == [
        (2.0, 2),
        (0.0, 2),
        (1.0, 2),
        (1.0, 2),
    ]
    assert "expected 1.75, got 3.25" in found["tests"][1]["output"]


def test_nothing_of_a_hidden_check_is_in_it():
    for visibility in ("hidden", "after_due_date", "after_published"):
        found = results(planted(visibility))
        told = json.dumps(found)
        assert SECRET not in told and "48151" not in told
        (row,) = [t for t in found["tests"] if t["name"].startswith("task.secret")]
        assert row["points"] == 1.0 and row["message"] == "partly right"
    assert "48151.6" in json.dumps(results(planted("visible"))), NUMBER


def test_losses_are_pictures_with_their_figure():
    (image,) = results(report("", double=PASSED, add=PASSED, task_open=lost("acc"), task_secret=PASSED))[
        "images"
    ]
    assert image["label"] == "moons: acc 0.75"
    assert base64.b64decode(image["url"].partition(",")[2]).startswith(b"\x89PNG\r\n")


def test_without_a_curve_there_is_no_picture():
    assert results(report(**NOTHING) | {"training": []})["images"] == []


@pytest.mark.parametrize("kind", ["SyntaxError", "IndentationError", "TabError"])
def test_a_file_that_does_not_parse_and_earns_nothing_uses_no_attempt(kind):
    found = results(broken(report("", **NOTHING), kind))
    assert not found["gradable"] and any("invalid syntax" in line for line in found["format_errors"])


def test_one_broken_function_costs_what_it_defines():
    found = results(broken(report("", **NOTHING | {"double": PASSED}), "SyntaxError"))
    assert found["gradable"] and found["score"] == 0.25 and "invalid syntax" in found["message"]


def test_wrong_code_that_runs_uses_an_attempt():
    assert results(broken(report("", **NOTHING), "NameError"))["gradable"]


@pytest.mark.parametrize("fault", [GraderFault("SECRET check"), MachineFault("SECRET disk")])
def test_a_fault_of_ours_uses_no_attempt_and_says_so(fault):
    found = results(without_score(fault))
    assert not found["gradable"] and "not your fault" in found["message"] and "SECRET" not in str(found)


def test_a_submission_that_cannot_be_read_uses_no_attempt():
    assert "The folder is empty." in results(without_score())["format_errors"][0]


def test_until_the_grading_ends_no_attempt_is_used():
    found = json.loads(prairielearn.unfinished())
    VALIDATOR.validate(found)
    assert not found["gradable"]


@pytest.mark.parametrize("text", NASTY)
def test_what_a_submission_says_has_no_control_characters(text):
    made = report(text)
    made["training"] = made["training"][:1]  # to draw takes longer than all else
    told = json.dumps(results(made), ensure_ascii=False)
    assert "\x1b" not in told and "\u202e" not in told


def test_a_bonus_does_not_lead_beyond_one():
    of = made_reports.assignment()
    parts = [
        {"id": "first", "title": "One", "checks": [{"id": "double", "title": "t", "points": 2}]},
        {"id": "more", "title": "More", "bonus": True, "checks": [{"id": "add", "title": "t", "points": 3}]},
    ]
    of = of.__class__(**{**vars(of), "rubric": read_rubric({"parts": parts}, "rubric.toml")})
    assert results(report(of=of, double=PASSED, add=PASSED))["score"] == 1.0


def test_much_text_is_cut_to_what_prairielearn_takes():
    of = made_reports.assignment()
    checks = [{"id": f"f{k}", "title": "t", "points": 1} for k in range(150)]
    rubric = read_rubric({"parts": [{"id": "p", "title": "P", "checks": checks}]}, "rubric.toml")
    of = of.__class__(**{**vars(of), "rubric": rubric})
    found = results(report("😀" * 6000, of=of) | {"training": []})
    assert len(found["tests"]) == 150 and found["tests"][0]["output"]
