"""Files that were handed in reach the checks as arrays; what a check remarks stands in its details."""

import io

import numpy as np
import pytest

from autograder.assignment.load import load
from autograder.checking.fixtures import Fixtures
from autograder.checking.in_process import InProcessSession
from autograder.checking.run import run_checks
from autograder.errors import GraderFault

CHECKS = """
from autograder.checking import check, require


@check("file")
def test_file(student_file, remark):
    arrays = student_file("work.npz")
    remark(who=str(arrays["who"]), total=float(arrays["x"].sum()))
    require(arrays["x"].sum() == 3, "The sum is wrong.")
"""
RUBRIC = """
[[parts]]
id = "third"
title = "The third part"
bonus = true

[[parts.checks]]
id = "file"
title = "the file"
points = 1

[[manual]]"""


def packed(x=(1, 2), who="ada"):
    stream = io.BytesIO()
    np.savez(stream, x=np.array(x), who=np.array(who))
    return stream.getvalue()


@pytest.fixture
def assignment(homework, edit):
    """The small homework with a bonus that is decided by a file."""
    edit("assignment.toml", "seed = 7", 'seed = 7\nfiles = ["work.npz"]')
    edit("rubric.toml", "[[manual]]", RUBRIC)
    (homework / "checks/test_file.py").write_text(CHECKS)
    return load(homework)


@pytest.fixture
def result(assignment, open_session, solved):
    """Runs the check under pytest, on these files."""
    return lambda **files: run_checks(assignment, open_session(solved), 7, {"file"}, files).results["file"]


def test_a_check_reads_what_was_handed_in_and_remarks_what_it_found(result):
    found = result(**{"work.npz": packed()})
    assert (found.status, found.fraction) == ("passed", 1.0)
    assert found.details == {"who": "ada", "total": 3.0}


def test_remarks_are_kept_when_points_are_lost(result):
    found = result(**{"work.npz": packed([5], "grace")})
    assert (found.status, found.message) == ("failed", "The sum is wrong.")
    assert found.details == {"who": "grace", "total": 5.0}


def test_a_file_that_was_not_handed_in_loses_what_needs_it_only(assignment, open_session, solved):
    ids = {check.id for check in assignment.rubric.checks}
    results = run_checks(assignment, open_session(solved), 7, ids, {"elsewhere/work.npz": packed()}).results
    assert {i for i, found in results.items() if found.fraction < 1} == {"file"}
    assert (results["file"].status, results["file"].reason) == ("not_implemented", "no_file")
    assert results["file"].message == "work.npz was not handed in."


def test_a_file_that_cannot_be_read_is_the_students_fault(result):
    found = result(**{"work.npz": b"no file of arrays"})
    assert (found.status, found.reason) == ("malformed", "unreadable_file")
    assert found.message == "work.npz is not a file as np.savez writes it; make it anew."


def test_a_file_that_the_assignment_does_not_name_is_the_graders_fault(assignment, homework, edit, result):
    edit("assignment.toml", "work.npz", "other.npz")
    with pytest.raises(GraderFault, match=r"files does not name 'work\.npz'"):
        run_checks(load(homework), InProcessSession({}), 7, {"file"}, {"work.npz": packed()})


def test_without_a_submission_the_references_own_file_is_read(assignment, homework):
    def check(student_file):
        assert student_file("work.npz")["x"].tolist() == [1, 2]

    fixtures = Fixtures(assignment, InProcessSession({}), 7)
    assert fixtures.run(check, "file").reason == "no_file"
    (homework / "reference/work.npz").write_bytes(packed())
    assert fixtures.run(check, "file").fraction == 1


def test_a_whole_grading_explains_lost_checks_of_files_without_asking_the_code(
    assignment, homework, tmp_path, solved
):
    from autograder.pipeline import grade

    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "hw.py").write_text(solved)
    (folder / "work.npz").write_bytes(packed([5]))
    ids = {check.id for check in assignment.rubric.checks}
    report = grade(folder, assignment, entry=None, seed=7, selected=ids)
    lost = [check for check in report["checks"] if check["score"] < check["max_score"]]
    assert [(c["id"], c["diagnosis"], c["counterexample"]) for c in lost] == [("file", None, None)]
    assert (report["score"], report["max_score"]) == (3.5, 3.5)
    assert report["bonus"] == {"score": 0, "max_score": 1}
