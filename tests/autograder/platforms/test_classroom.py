"""The result that GitHub Classroom's reporter reads."""

import base64
import json
import subprocess
import sys

import pytest

from autograder.assignment.rubric import read_rubric
from autograder.errors import GraderFault
from autograder.model.result import STATUSES, CheckResult
from autograder.platforms.classroom import classroom, encoded
from autograder.platforms.places import source_file
from tests.autograder.pages import made_reports
from tests.autograder.platforms.nasty import NASTY

PASSED = made_reports.PASSED
MISSING = CheckResult("not_implemented", "no_file", "work.npz was not handed in.", 0.0)
TEST = {
    "name": str,
    "status": str,
    "message": (str, type(None)),
    "test_code": str,
    "task_id": int,
    "filename": str,
    "line_no": int,
    "duration": float,
    "score": float,
    "output": str,
}


def decoded(report, source=None):
    """What the reporter gets: base64, UTF-8, JSON."""
    return json.loads(base64.b64decode(encoded(classroom(report, source)), validate=True).decode("utf-8"))


def test_every_field_is_there_and_of_its_kind():
    report = made_reports.report(double=PASSED)
    result = decoded(report, source_file(made_reports.submission(), ["add", "double"], "src/hw.py"))
    assert set(result) == {"version", "status", "message", "max_score", "tests"}
    assert (result["version"], result["max_score"]) == (3, 8)
    for test in result["tests"]:
        assert set(test) == set(TEST)
        assert all(isinstance(test[field], kind) for field, kind in TEST.items()), test
    passed, lost, *_ = result["tests"]
    assert (passed["name"], passed["status"], passed["message"]) == ("double: what it does", "pass", None)
    assert (passed["score"], passed["duration"], passed["line_no"]) == (2, 0.1, 4)
    assert (lost["status"], lost["filename"], lost["line_no"]) == ("fail", "src/hw.py", 9)


def test_the_sum_of_the_tests_is_the_score():
    report = made_reports.report(double=PASSED)
    assert sum(test["score"] for test in decoded(report)["tests"]) == report["score"] == 5


@pytest.mark.parametrize("status", STATUSES)
def test_a_test_has_the_status_of_its_check(status):
    share = {"passed": 1.0, "partial": 0.5}.get(status, 0.0)
    found = CheckResult(status, "" if share == 1 else "why", "" if share == 1 else "x", share)
    others = dict.fromkeys(("double", "task_open", "task_secret"), PASSED)
    result = decoded(made_reports.report(add=found, **others))
    wanted = {"passed": "pass"} | dict.fromkeys(("error", "timeout", "memory", "crashed"), "error")
    assert result["tests"][1]["status"] == wanted.get(status, "fail")
    assert result["status"] == ("pass" if status == "passed" else "fail")


def test_without_a_score_no_grade_is_sent_and_no_test_is_missing():
    result = decoded(made_reports.without_score(GraderFault("secret")))
    assert (result["status"], result["max_score"], len(result["tests"])) == ("error", 0, 1)
    assert "no score" in result["tests"][0]["message"]
    assert "secret" not in json.dumps(result)


def test_nothing_of_a_hidden_check_is_told_but_its_points():
    result = decoded(made_reports.report("open", task_secret=made_reports.lost("SECRET")))
    assert "SECRET" not in json.dumps(result)
    assert result["tests"][3]["score"] == 1


@pytest.mark.parametrize("text", NASTY)
def test_no_text_is_a_command_in_the_reporter_s_log(text):
    of = made_reports.assignment(check_title=text)
    report = made_reports.report(text, of=of, add=CheckResult("error", "why", text, 0.0))
    for test in decoded(report)["tests"]:
        for said in (test["name"], test["message"] or "", test["filename"]):
            assert len(said.splitlines()) <= 1
            assert not said.strip().startswith("::")
            assert "##[" not in said


def test_a_long_result_fits_into_an_environment_variable():
    lines = [{"id": f"f{i}", "title": "é" * 150, "points": 1} for i in range(150)]
    rubric = read_rubric({"parts": [{"id": "p", "title": "P", "checks": lines}]}, "rubric.toml")
    of = made_reports.assignment()
    of = type(of)(**{**vars(of), "rubric": rubric})
    text = encoded(classroom(made_reports.report("é" * 3000, of=of)))
    assert len(text) < 128 * 1024
    done = subprocess.run([sys.executable, "-c", ""], env={"GRADE_RESULTS": text}, check=False)
    assert done.returncode == 0


def test_a_bonus_that_was_not_tried_is_no_failure():
    of = made_reports.assignment(bonus=True)
    result = decoded(
        made_reports.report(of=of, double=PASSED, add=PASSED, task_open=MISSING, task_secret=PASSED)
    )
    assert (result["status"], result["max_score"], len(result["tests"])) == ("pass", 4, 3)
    assert sum(test["score"] for test in result["tests"]) == 6
