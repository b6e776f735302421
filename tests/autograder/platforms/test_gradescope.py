"""Gradescope's results.json: every field of its documentation, nothing that is hidden, no zero for a fault of ours."""

import json
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser

import pytest
from jsonschema import Draft202012Validator

from autograder.assignment.rubric import read_rubric
from autograder.errors import GraderFault, MachineFault
from autograder.model.late import Deduction
from autograder.platforms import gradescope
from autograder.platforms.bundle import FILES
from autograder.platforms.feedback import UNFINISHED
from tests.autograder.pages import made_reports
from tests.autograder.pages.made_reports import PASSED, lost, report, training, without_score
from tests.autograder.platforms.nasty import NASTY
from tests.autograder.platforms.planted import NUMBER, SECRET, planted

VALIDATOR = Draft202012Validator(json.loads((FILES / "gradescope.schema.json").read_text("utf-8")))
TEST_FIELDS = {
    "score",
    "max_score",
    "status",
    "name",
    "name_format",
    "number",
    "output",
    "output_format",
    "tags",
    "visibility",
    "extra_data",
}
OURS = {"p", "strong", "table", "tr", "th", "td", "pre", "code", "ul", "li"}


def results(made, **more):
    found = gradescope.results(made, **more)
    VALIDATOR.validate(found)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    return found


def test_the_schema_is_a_schema_and_refuses_what_is_not_documented():
    Draft202012Validator.check_schema(VALIDATOR.schema)
    good = results(report())
    for wrong in (
        good | {"scores": 1},
        good | {"score": "1"},
        good | {"visibility": "secret"},
        good | {"tests": [good["tests"][0] | {"status": "partial"}]},
        good | {"leaderboard": [{"name": "x", "value": 1, "order": "up"}]},
    ):
        assert not VALIDATOR.is_valid(wrong)


def test_every_documented_field_is_there():
    found = results(report())
    assert set(found) == set(VALIDATOR.schema["properties"])
    assert all(set(test) == TEST_FIELDS for test in found["tests"])
    assert found["stdout_visibility"] == "hidden" and found["execution_time"] == 1.5
    assert {"assignment", "seed", "environment", "submission", "isolation"} <= set(found["extra_data"])


def test_scores_and_numbers_are_the_reports():
    found = results(report(double=PASSED, add=lost("wrong", 0.0)))
    assert found["score"] == 4.0  # 2 + 0 + 1 + 1
    rows = {t["name"].partition(":")[0]: t for t in found["tests"]}
    assert [(t["score"], t["max_score"], t["status"], t["number"]) for t in rows.values()] == [
        (2.0, 2, "passed", "1.1"),
        (0.0, 2, "failed", "1.2"),
        (1.0, 2, "failed", "2.1"),
        (1.0, 2, "failed", "2.2"),
    ]
    assert rows["add"]["tags"] == ["first", "add", "failed"]


def test_a_hidden_check_shows_its_verdict_and_points_only_and_does_not_hide_the_total():
    found = results(planted())
    told = json.dumps(found)
    assert SECRET not in told and str(NUMBER) not in told and "48151" not in told
    (row,) = [t for t in found["tests"] if t["name"].startswith("task.secret")]
    assert row["visibility"] == "visible" and (row["score"], row["max_score"]) == (1.0, 2)
    assert "Part of what is asked is right." in row["output"]
    assert found["leaderboard"] == []


@pytest.mark.parametrize("visibility", ["after_due_date", "after_published"])
def test_a_check_for_later_is_complete_and_gradescope_holds_it_back(visibility):
    found = results(planted(visibility))
    (row,) = [t for t in found["tests"] if t["visibility"] != "visible"]
    assert row["visibility"] == visibility and "48151.6" in row["output"]
    rest = json.dumps({**found, "tests": [t for t in found["tests"] if t is not row]})
    assert SECRET not in rest and "48151" not in rest  # nor in the leaderboard or above the tests


def test_the_leaderboard_has_the_students_own_best_networks():
    starts = (
        training(share=0.2, value=0.6),
        training(share=0.7, value=0.8),
        training(share=1.0, value=0.9, with_reference=True),
        training("loss", task="xor", value=0.03, threshold=0.1, zero=0.7),
        training(task="broken", value="nan"),
    )
    check = lost().__class__(**{**vars(PASSED), "training": starts})
    found = results(report(double=PASSED, add=PASSED, task_open=check, task_secret=PASSED))
    assert found["leaderboard"] == [
        {"name": "moons, test accuracy", "value": 0.8, "order": "desc"},
        {"name": "xor, loss", "value": 0.03, "order": "asc"},
    ]


class Tags(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.text = set(), ""

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        assert not attributes, (tag, attributes)

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("text", NASTY)
def test_what_a_submission_says_is_text(text):
    found = results(report(text))
    for html in (found["output"], *(test["output"] for test in found["tests"])):
        page = Tags()
        page.feed(html)
        assert page.tags <= OURS
        assert "\x1b" not in html and "\u202e" not in html
    assert len(json.dumps(found)) < 500_000


@pytest.mark.parametrize("fault", [GraderFault("the check SECRET broke"), MachineFault("SECRET disk full")])
def test_a_fault_of_ours_has_no_score_and_says_so(fault):
    found = results(without_score(fault))
    assert not {"score", "tests"} & set(found)
    assert "not your fault" in found["output"] and "SECRET" not in json.dumps(found)


def test_a_submission_that_cannot_be_read_has_zero_points_and_the_reason():
    found = results(without_score())
    assert found["score"] == 0 and "The folder is empty." in found["output"]


def test_until_the_grading_ends_there_is_a_result_without_a_score():
    found = json.loads(gradescope.unfinished())
    VALIDATOR.validate(found)
    assert found["output"] == UNFINISHED and not {"score", "tests"} & set(found)


def test_a_bonus_is_no_part_of_what_can_be_reached():
    of = made_reports.assignment()
    parts = [
        {"id": "first", "title": "One", "checks": [{"id": "double", "title": "t", "points": 2}]},
        {"id": "more", "title": "More", "bonus": True, "checks": [{"id": "add", "title": "t", "points": 3}]},
    ]
    of = of.__class__(**{**vars(of), "rubric": read_rubric({"parts": parts}, "rubric.toml")})
    found = results(report(of=of, double=PASSED, add=PASSED))
    assert found["score"] == 5.0
    assert [t["max_score"] for t in found["tests"]] == [2, 0]
    assert "bonus of 3" in found["tests"][1]["name"]


def test_being_late_is_taken_off_and_said():
    found = results(
        report(double=PASSED, add=PASSED), late=Deduction(2.5, "Handed in 1 day late: −2.5 points.")
    )
    assert found["score"] == 3.5 and "1 day late" in found["output"]
    assert found["extra_data"]["graded_score"] == 6.0


WEST = timezone(timedelta(hours=-7))


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        (
            {
                "created_at": "2018-07-01T14:22:32.365935-07:00",
                "assignment": {"due_date": "2018-07-31T23:00:00.000000-07:00"},
            },
            (datetime(2018, 7, 1, 14, 22, 32, 365935, WEST), False),
        ),
        (
            {
                "created_at": "2018-08-01T06:00:01.000000Z",
                "assignment": {"due_date": "2018-07-31T23:00:00.000000-07:00"},
            },
            (datetime(2018, 8, 1, 6, 0, 1, 0, UTC), True),
        ),
        (
            {"created_at": "2018-07-01T14:22:32-07:00", "assignment": {"due_date": None}},
            (datetime(2018, 7, 1, 14, 22, 32, 0, WEST), None),
        ),
        ({"created_at": 7, "assignment": []}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_the_time_of_handing_in_is_the_metadatas(metadata, expected):
    assert gradescope.handed_in(metadata) == expected
