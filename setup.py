"""Takes the homework along as data of an installation, where `grade` finds it (`autograder.cli.homework`)."""

from pathlib import Path

from setuptools import setup

HOMEWORK = (
    "assignment.toml",
    "rubric.toml",
    "docs/students.md",
    "reference",
    "student_template",
    "tests/checks",
    "tests/corpus/correct",
)
TARGET = "share/autograder/homework"

folders: dict[str, list[str]] = {}
for name in HOMEWORK:
    for path in sorted(Path(name).rglob("*")) if Path(name).is_dir() else [Path(name)]:
        if path.is_file() and "__pycache__" not in path.parts:
            folders.setdefault(f"{TARGET}/{path.parent.as_posix()}", []).append(path.as_posix())
setup(data_files=sorted(folders.items()))
