"""A report in which something is hidden, with a mark in all of it that a student may not read."""

from tests.autograder.pages.made_reports import PASSED, lost, report

SECRET = "zqxsecretzqx"
KNOWN = {"id", "title", "part", "score", "max_score", "status", "visibility"}
NUMBER = 48151.62342


def planted(visibility="hidden"):
    """Three checks that are right, and one of this visibility that is partly right."""
    made = report("", double=PASSED, add=PASSED, task_open=PASSED, task_secret=lost(SECRET))
    (check,) = [c for c in made["checks"] if c["id"] == "task.secret"]
    check["visibility"] = visibility
    check["details"] |= {"got": NUMBER, "expected": NUMBER, "compared": []}
    check["reason"] = SECRET
    for record in made["training"]:
        record |= {"value": NUMBER, "loss_curve": [NUMBER, NUMBER / 2], "metric": SECRET}
    return made
