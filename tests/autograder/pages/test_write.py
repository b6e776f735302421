"""Pages lie beside their reports, and are made again only when something on them changed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.assignment.load import load
from autograder.course.gradebook import make
from autograder.pages import write
from tests.autograder.course import class_run
from tests.autograder.course.class_run import Person, not_graded, report

ROOT = Path(__file__).parents[3]


@pytest.fixture
def run(homework, tmp_path):
    """Writes a class run with these people and its pages; what could not be made."""
    of = load(homework)

    def pages(*people, sources=None, jobs=1):
        class_run.write(tmp_path / "out", list(people), of=of)
        return write.write_class(make(tmp_path / "out", of), sources or {}, of, jobs)

    pages.of, pages.folder = of, tmp_path / "out"
    return pages


def place(run, student, name="feedback.html", attempt=1):
    return run.folder / "students" / student / f"attempt-{attempt}" / name


def test_a_class_has_all_three_pages_and_every_attempt_its_own(run, tmp_path):
    code = tmp_path / "hw.py"
    code.write_text("def double(x):\n    return 3 * x  # mine\n")
    two = [report("ada", of=run.of), report("ada", found={"double": 0.0}, of=run.of, code=code.read_text())]
    missing = run(
        Person("ada", two, name="Ada"),
        Person("cy", [not_graded("cy", of=run.of)]),
        sources={("ada", 2): code},
    )
    assert missing == []
    assert "Ada" in (run.folder / "class.html").read_text()
    for student, attempt in (("ada", 1), ("ada", 2), ("cy", 1)):
        assert "</html>" in place(run, student, attempt=attempt).read_text()
        assert 'href="../../../class.html"' in place(run, student, "instructor.html", attempt).read_text()
    assert "# mine" in place(run, "ada", "instructor.html", 2).read_text()
    assert "# mine" not in place(run, "ada", attempt=2).read_text()
    assert "Your work has no score: It is empty." in place(run, "cy").read_text()


def test_code_that_is_not_what_was_graded_is_not_shown(run, tmp_path):
    code = tmp_path / "hw.py"
    code.write_text("def double(x):\n    return 3 * x  # later\n")
    run(Person("ada", [report("ada", found={"double": 0.0}, of=run.of)]), sources={("ada", 1): code})
    assert "# later" not in place(run, "ada", "instructor.html").read_text()


def test_a_page_is_made_again_only_when_something_on_it_changed(run):
    person = Person("ada", [report("ada", of=run.of)])
    run(person)
    student, instructor = place(run, "ada"), place(run, "ada", "instructor.html")
    before = [path.stat().st_mtime_ns for path in (student, instructor)]
    run(person)
    assert [path.stat().st_mtime_ns for path in (student, instructor)] == before
    person.attempts[0]["timing"]["wall_s"] = 9.0  # only instructors see it
    run(person)
    after = [path.stat().st_mtime_ns for path in (student, instructor)]
    assert after[0] == before[0] and after[1] > before[1]
    student.write_text("damaged")
    run(person)
    assert "</html>" in student.read_text()


def test_a_report_that_breaks_its_page_costs_nobody_else_theirs(run):
    broken = report("bob", of=run.of)
    del broken["checks"][0]["visibility"]
    said = run(Person("ada", [report("ada", of=run.of)]), Person("bob", [broken]))
    assert len(said) == 1 and said[0].startswith("No page for bob:")
    assert (
        place(run, "ada").exists() and not place(run, "bob").exists() and (run.folder / "class.html").exists()
    )


def test_many_pages_are_made_in_processes(run):
    people = [Person(f"s{i}", [report(f"s{i}", of=run.of)]) for i in range(write._ALONE + 2)]
    assert run(*people, jobs=2) == []
    assert all(place(run, person.id).exists() for person in people)


def test_a_hand_set_score_is_on_the_page(run):
    run.folder.mkdir()
    (run.folder / "overrides.toml").write_text(
        "[[overrides]]\nstudent = 'ada'\ncheck = 'double'\npoints = 1\n"
        "comment = 'SECRET'\nwho = 'M'\nwhen = 2026-11-21\n"
    )
    run(Person("ada", [report("ada", of=run.of)]))
    page = place(run, "ada").read_text()
    assert "Changed by hand" in page and "SECRET" not in page


@pytest.mark.parametrize(("options", "wanted"), [([], False), (["--html"], True)])
def test_nothing_of_it_is_imported_unless_it_is_asked_for(homework, tmp_path, solved, options, wanted):
    (tmp_path / "hw.py").write_text(solved.replace("2 * x", "3 * x"))
    arguments = [
        str(tmp_path / "hw.py"),
        "--output",
        str(tmp_path / "out"),
        "--assignment",
        str(homework),
        *options,
    ]
    script = (
        "import sys, json\nfrom autograder.cli.main import grade_main\n"
        f"status = grade_main({arguments!r})\n"
        "found = [n for n in ('jinja2', 'matplotlib', 'autograder.pages') if n in sys.modules]\n"
        "print(json.dumps([status, found]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    status, found = json.loads(done.stdout.splitlines()[-1])
    assert status == 0 and bool(found) == wanted
    assert (
        (tmp_path / "out" / "feedback.html").exists()
        == (tmp_path / "out" / "instructor.html").exists()
        == wanted
    )
