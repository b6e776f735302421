"""A report as JUnit XML, which systems for continuous integration show as a list of tests.

Nobody has specified the format.  Only elements and attributes are written that the schema of the Jenkins xUnit plugin
allows (junit-10.xsd); it knows no ``properties`` inside of a ``testcase``, so points are properties of the suite.
Nothing is in it that a student may not see: such files lie with the logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from autograder.pages.student import PartView, student_view
from autograder.pages.texts import MAX_CODE, points, shown
from autograder.platforms.feedback import check_text

_ERRORS = {"error", "timeout", "memory", "crashed"}
"""It ended without an answer; an answer that is not right is a failure."""


def junit(report: Mapping[str, Any]) -> str:
    """A suite for each part, a test for each check; without a score one test that says why.

    Parameters
    ----------
    report : mapping
        As `autograder.reporting.build` makes it.

    Returns
    -------
    str
        The file's content.
    """
    view = student_view(report, {})
    root = ET.Element("testsuites", name=_text(view.title))
    if view.no_score:
        suite = _suite(root, view.title, [("max_score", points(view.max_score))])
        test = _test(suite, "grading", view.title, 0.0)
        _say(test, "error", report["status"], view.no_score)
    checks = {check["id"]: check for check in report.get("checks", ())}
    times = report["timing"]["checks"] if checks else {}
    for part in view.parts:
        suite = _suite(root, part.title, _points(part, checks))
        for check in part.checks:
            test = _test(suite, f"{check.id}: {check.title}", part.id, times.get(check.id, 0.0))
            status = checks[check.id]["status"]
            said = f"{check_text(check)}\n{points(check.score)} of {points(check.max_score)} points."
            if check in part.lost:
                _say(test, "error" if status in _ERRORS else "failure", status, said)
            elif check.has_lost:  # a bonus that was not tried
                _say(test, "skipped", status, said)
    if view.manual and not view.is_selection:
        suite = _suite(root, "Written questions", [])
        for title in view.manual:
            _say(_test(suite, title, "written", 0.0), "skipped", "manual", "A person marks this.")
    for suite in [*root, root]:
        _count(suite)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(root: ET.Element, name: str, properties: list[tuple[str, str]]) -> ET.Element:
    suite = ET.SubElement(root, "testsuite", name=_text(name))
    if properties:
        held = ET.SubElement(suite, "properties")
        for key, value in properties:
            ET.SubElement(held, "property", name=_text(key), value=_text(value))
    return suite


def _points(part: PartView, checks: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Name and value of each property of a part."""
    found = [("score", points(part.score)), ("max_score", points(part.max_score))]
    for check in part.checks:
        found += [
            (f"{check.id}.score", points(check.score)),
            (f"{check.id}.max_score", points(check.max_score)),
        ]
        found += [(f"{check.id}.visibility", checks[check.id]["visibility"])] if check.is_hidden else []
    return found


def _test(suite: ET.Element, name: str, group: str, duration_s: float) -> ET.Element:
    return ET.SubElement(
        suite, "testcase", name=_text(name), classname=_text(group), time=f"{duration_s:.3f}"
    )


def _say(test: ET.Element, kind: str, status: str, text: str) -> None:
    first, _, _ = text.partition("\n")
    ET.SubElement(test, kind, type=_text(status), message=_text(first)).text = _text(text)


def _count(suite: ET.Element) -> None:
    suite.set("tests", str(len(suite.findall(".//testcase"))))
    suite.set("failures", str(len(suite.findall(".//failure"))))
    suite.set("errors", str(len(suite.findall(".//error"))))
    if suite.tag == "testsuite":
        suite.set("skipped", str(len(suite.findall(".//skipped"))))
    suite.set("time", f"{sum(float(test.get('time', 0)) for test in suite.iter('testcase')):.3f}")


def _text(text: str) -> str:
    # What it leaves is allowed in XML 1.0; ElementTree writes other characters as they are, which nobody can read.
    return shown(text, MAX_CODE)
