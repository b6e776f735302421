"""What the guides say is done as it stands there: commands are run and files written, page by page and in order."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(
    r"(?:<!-- (?P<verb>append|create): (?P<path>\S+) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL
)
PAGES = [
    "docs/instructors.md",
    "docs/class.md",
    "docs/cluster.md",
    "docs/platforms.md",
    "docs/new-homework.md",
]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", "results", "__pycache__", ".*_cache", "tests.old")


@pytest.fixture
def project(tmp_path):
    """A copy of the project in which `.venv/bin/python` is this Python."""
    folder = tmp_path / "project"
    shutil.copytree(ROOT, folder, ignore=LEFT_OUT)
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', "utf-8")
    python.chmod(0o755)
    return folder


def run(command, folder):
    return subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, timeout=300)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", PAGES)
def test_every_step_of_a_guide_works(page, project):
    steps = list(BLOCK.finditer((ROOT / page).read_text("utf-8")))
    assert steps
    for step in steps:
        if step["verb"]:
            file = project / step["path"]
            assert file.exists() == (step["verb"] == "append"), step["path"]
            with file.open("a", encoding="utf-8") as end:
                end.write(step["text"])
        elif step["kind"] == "sh":
            for command in step["text"].splitlines():
                done = run(command, project)
                assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_a_page_names_only_files_that_are_there():
    for page in [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} points to {target}"


INDENTED = re.compile(r"^    (?!\s)(?P<line>.*?)(?:\s{2,}#.*)?$", re.MULTILINE)


def indented(page):
    return [found["line"].strip() for found in INDENTED.finditer((ROOT / page).read_text("utf-8"))]


@pytest.mark.timeout(600)
def test_the_commands_of_the_readme_and_of_similarity_work(project):
    lines = [*indented("README.md"), *indented("docs/similarity.md")]
    wanted = [
        x for x in lines if x.startswith((".venv/bin/python grade.py", ".venv/bin/python -m autograder"))
    ]
    assert len(wanted) >= 7
    for student in ("ada", "bob"):
        (project / "submissions" / student).mkdir(parents=True)
        shutil.copy(project / "student_template" / "mlp.py", project / "submissions" / student)
    (project / "roster.csv").write_text("id,name\nada,Ada\nbob,Bob\neve,Eve\n", "utf-8")
    for command in wanted:
        done = run(command, project)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.mark.timeout(600)
def test_what_students_are_told_to_type_works(project):
    assert run(".venv/bin/python -m autograder release given", project).returncode == 0
    lines = indented("docs/students.md")
    assert 'check("softmax")' in lines
    code = "\n".join(f"print({x})" if x.startswith("check(") else x for x in lines if not x.startswith("$"))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project / "given", capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("points") >= sum(x.startswith("check(") for x in lines)
    assert "python check.py softmax" in (ROOT / "docs/students.md").read_text("utf-8")
    shell = run(f'"{sys.executable}" check.py softmax', project / "given")
    assert shell.returncode == 0 and "softmax" in shell.stdout
