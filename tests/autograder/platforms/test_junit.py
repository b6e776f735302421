"""JUnit XML, as others read it."""

import re
from xml.etree import ElementTree as ET

import junitparser
import pytest

from autograder.errors import GraderFault, MachineFault
from autograder.model.result import STATUSES, CheckResult
from autograder.platforms.junit import junit
from tests.autograder.pages import made_reports
from tests.autograder.platforms.nasty import NASTY

PASSED = made_reports.PASSED
MISSING = CheckResult("not_implemented", "no_file", "work.npz was not handed in.", 0.0)
KINDS = {
    "failed": "failure",
    "partial": "failure",
    "malformed": "failure",
    "not_implemented": "failure",
    "error": "error",
    "timeout": "error",
    "memory": "error",
    "crashed": "error",
}
# What junit-10.xsd, the schema of the Jenkins xUnit plugin, allows of what could be written here.
ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "time", "tests", "failures", "errors", "skipped"},
    "testcase": {"name", "classname", "time"},
    "property": {"name", "value"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
    "properties": set(),
}
INSIDE = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase"},
    "properties": {"property"},
    "testcase": {"failure", "error", "skipped"},
}


def parsed(report):
    return junitparser.JUnitXml.fromstring(junit(report).encode())


def cases(report):
    return {case.name.partition(":")[0]: case for suite in parsed(report) for case in suite}


def test_there_is_a_suite_for_each_part_and_a_test_for_each_check():
    report = made_reports.report(double=PASSED)
    suites = list(parsed(report))
    assert [suite.name for suite in suites] == ["Part 1: One", "Part 2: Two", "Written questions"]
    assert [[case.name for case in suite] for suite in suites] == [
        ["double: what it does", "add: what it does"],
        ["task.open: what it does", "task.secret: what it does"],
        ["why"],
    ]
    assert [case.classname for case in suites[0]] == ["first", "first"]


@pytest.mark.parametrize("status", STATUSES[1:])
def test_what_lost_points_is_a_failure_or_without_an_answer_an_error(status):
    found = CheckResult(status, "why", "It is not so.", 0.5 if status == "partial" else 0.0)
    case = cases(made_reports.report(add=found))["add"]
    assert [(type(said).__name__.lower(), said.type) for said in case.result] == [(KINDS[status], status)]
    assert case.result[0].message == "It is not so."
    assert case.result[0].text.endswith(f"\n{1 if status == 'partial' else 0} of 2 points.")


def test_counts_and_times_add_up():
    report = made_reports.report(double=PASSED, add=CheckResult("timeout", "slow", "Too slow.", 0.0))
    whole = parsed(report)
    assert (whole.tests, whole.failures, whole.errors) == (5, 2, 1)
    first, second, written = whole
    assert (first.tests, first.failures, first.errors, first.skipped) == (2, 0, 1, 0)
    assert (second.tests, second.failures, second.errors, second.skipped) == (2, 2, 0, 0)
    assert (written.tests, written.skipped) == (1, 1)
    assert whole.time == pytest.approx(1.1) == sum(suite.time for suite in whole)
    assert cases(report)["double"].time == 0.1


def test_points_are_properties_of_the_suite():
    first, second, _ = parsed(made_reports.report(double=PASSED))
    assert {p.name: p.value for p in first.properties()} == {
        "score": "3",
        "max_score": "4",
        "double.score": "2",
        "double.max_score": "2",
        "add.score": "1",
        "add.max_score": "2",
    }
    assert {p.name: p.value for p in second.properties()}["task.secret.visibility"] == "hidden"


@pytest.mark.parametrize("error", [None, GraderFault("secret"), MachineFault("secret")])
def test_without_a_score_there_is_one_error(error):
    (suite,) = parsed(made_reports.without_score(error))
    (case,) = suite
    assert (suite.tests, suite.errors) == (1, 1)
    assert "no score" in case.result[0].message
    assert "secret" not in case.result[0].text
    assert {p.name: p.value for p in suite.properties()} == {"max_score": "8"}


def test_nothing_of_a_hidden_check_is_told():
    text = junit(made_reports.report("open", task_secret=made_reports.lost("SECRET")))
    assert "SECRET" not in text
    assert "task.secret" in text


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("notebook", [False, True])
def test_the_file_is_well_formed_whatever_stands_in_it(text, notebook):
    file = junit(
        made_reports.report(
            text,
            of=made_reports.assignment(text, check_title=text),
            notebook=notebook,
            add=CheckResult("error", "why", text, 0.0),
        )
    )
    root = ET.fromstring(file.encode("utf-8"))
    assert root.find(".//error") is not None
    # XML 1.0, "2.2 Characters"
    assert not re.search("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", file)
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= INSIDE.get(element.tag, set())


def test_written_questions_are_not_in_a_part_of_the_checks():
    report = {**made_reports.report(), "selection": ["double"]}
    assert [suite.name for suite in parsed(report)] == ["Part 1: One", "Part 2: Two"]


def test_a_bonus_that_was_not_tried_is_skipped():
    of = made_reports.assignment(bonus=True)
    found = cases(made_reports.report(of=of, task_open=MISSING, task_secret=PASSED))
    assert [type(said).__name__ for said in found["task.open"].result] == ["Skipped"]
    assert found["task.secret"].is_passed
    others = cases(made_reports.report(task_open=MISSING))
    assert [type(said).__name__ for said in others["task.open"].result] == ["Failure"]
