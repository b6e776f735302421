"""``python -m autograder export``: the files that it writes, and what it refuses."""

import json
import os
import shutil
import zipfile
from xml.etree import ElementTree as ET

import pytest

from autograder.cli.main import main
from autograder.platforms import nbgrader
from autograder.reporting import to_json
from tests.autograder.course.class_run import Handed, Person, report, write
from tests.autograder.pages import made_reports


@pytest.fixture
def export(tmp_path, capsys, monkeypatch):
    """Runs the command in an empty folder: its exit status, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", os.environ["PATH"])  # which the command adds to, for nbgrader

    def run(*arguments):
        status = main(["export", *map(str, arguments)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def ada(tmp_path):
    """A repository with a submission in a folder of it, and the report of that."""
    place = tmp_path / "repository" / "src"
    place.mkdir(parents=True)
    (place / "hw.py").write_bytes(made_reports.submission("It is wrong.").files["hw.py"])
    return to_json.write(made_reports.report(), tmp_path), place


@pytest.mark.parametrize("form", ["gradescope", "prairielearn", "classroom"])
def test_a_report_becomes_json(form, export, ada):
    status, out, _ = export(form, ada[0], "out/result.json")
    assert (status, out) == (0, "wrote out/result.json\n")
    with open("out/result.json", encoding="utf-8") as file:
        assert len(json.load(file)["tests"]) == 4


def test_a_report_becomes_xml(export, ada):
    assert export("junit", ada[0], "report.xml")[0] == 0
    assert ET.parse("report.xml").getroot().get("tests") == "5"


def test_github_has_a_folder_with_lines_of_the_repository(export, ada, tmp_path):
    path, place = ada
    options = ("--submission", place, "--repository", tmp_path / "repository")
    assert export("github", path, "out", *options)[0] == 0
    marks = (tmp_path / "out" / "annotations.txt").read_text("utf-8").splitlines()
    assert [mark.partition(",title")[0] for mark in marks] == [
        "::error file=src/hw.py,line=3",
        "::warning file=src/hw.py,line=10",  # the line that raised
        "::warning file=src/hw.py,line=10",
        "::warning file=src/hw.py,line=10",
    ]
    outputs = dict(
        line.split("=", 1) for line in (tmp_path / "out" / "outputs.txt").read_text("utf-8").splitlines()
    )
    assert (outputs["score"], outputs["max-score"]) == ("4", "8")
    assert (tmp_path / "out" / "summary.md").read_text("utf-8").startswith("## A small homework: 4 of 8")


@pytest.mark.parametrize("form", ["github", "junit", "classroom", "gradescope", "prairielearn"])
def test_a_report_without_a_score_has_every_form(form, export, tmp_path):
    path = to_json.write(made_reports.without_score(), tmp_path)
    more = ("--submission", tmp_path / "none") if form == "github" else ()
    assert export(form, path, "out", *more)[0] == 0


def test_a_file_chosen_by_hand_is_found_again(export, ada, tmp_path):
    path, place = ada
    (place / "mlp.py").write_text("x = 1\n", "utf-8")  # which would count by itself
    status, _, err = export("classroom", path, "out.json", "--submission", place, "--repository", tmp_path)
    assert status == 2 and "is not the submission" in err  # now there are other files than were graded
    (place / "mlp.py").unlink()
    assert export("classroom", path, "out.json", "--submission", place, "--repository", tmp_path)[0] == 0
    with open("out.json", encoding="utf-8") as file:
        assert json.load(file)["tests"][0]["filename"] == "repository/src/hw.py"


def test_a_zip_has_no_lines(export, ada, tmp_path):
    with zipfile.ZipFile(tmp_path / "hw.zip", "w") as archive:
        archive.write(ada[1] / "hw.py", "hw.py")
    assert export("github", ada[0], "out", "--submission", "hw.zip")[0] == 0
    marks = (tmp_path / "out" / "annotations.txt").read_text("utf-8").splitlines()
    assert marks[1].startswith("::warning file=hw.zip,title=")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("junit", "none.json", "out"), "cannot be read"),
        (("junit", "report.json", "out", "--submission", "repository"), "--submission is for"),
        (
            ("github", "report.json", "out", "--submission", "repository", "--repository", "other"),
            "does not lie in",
        ),
        (("github", "report.json", "out", "--submission", "nothing"), "does not exist"),
        (("nbgrader", "report.json", "course"), "class.json"),
        (("odt", "report.json", "out"), "invalid choice"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(arguments, said, export, ada):
    status, _, err = export(*arguments)
    assert status == 2
    assert err.startswith("error: ") and said in err and err.count("\n") == 1


@pytest.fixture
def course(tmp_path):
    """A course with what two students have handed in, one of them without nbgrader, and the class run of it."""
    run = write(
        tmp_path / "results",
        [Person("ada", [Handed(report("ada"))]), Person("bob", [Handed(report("bob"))]), Person("eve", [])],
    )
    content = json.loads((run / "class.json").read_text("utf-8"))
    for student in content["students"]:
        name = student["id"]
        student["attempts"][0]["path"] = "hw1"
        (run / "students" / name / "attempt-1" / "feedback.html").write_text(f"page of {name}", "utf-8")
        place = tmp_path / "course" / "submitted" / name / "hw1"
        place.mkdir(parents=True)
        if name == "ada":
            for file in nbgrader.BESIDE:
                (place / file).write_text(f"{file} of {name}", "utf-8")
    (run / "class.json").write_text(json.dumps(content), "utf-8")
    return tmp_path / "course"


def test_nbgrader_gets_the_pages_that_it_can_release(export, course):
    status, out, _ = export("nbgrader", "results", course)
    assert status == 0
    files = {p.relative_to(course).as_posix(): p for p in (course / "feedback").rglob("*") if p.is_file()}
    assert {name: p.read_text("utf-8") for name, p in files.items()} == {
        "feedback/ada/hw1/hw.html": "page of ada",
        "feedback/ada/hw1/timestamp.txt": "timestamp.txt of ada",
        "feedback/ada/hw1/submission_secret.txt": "submission_secret.txt of ada",
    }
    assert "cannot release their pages: bob.\n" in out


def test_another_course_is_refused(export, course):
    shutil.rmtree(course / "submitted" / "bob")
    status, _, err = export("nbgrader", "results", course)
    assert status == 2 and "was results graded from this course's submitted/?" in err


def test_a_page_that_is_not_there_is_named(export, course, tmp_path):
    (tmp_path / "results/students/ada/attempt-1/feedback.html").unlink()
    status, _, err = export("nbgrader", "results", course)
    assert status == 2 and "grade the class again" in err
