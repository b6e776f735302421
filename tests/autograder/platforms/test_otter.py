"""Test files for Otter, of the small homework.

Otter itself is tried by `.ci/try-peers`.  Here stands in for it what its documentation says of a test file: a module
that names itself, whose test cases are called with the environment and pass if they raise nothing.
"""

import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from autograder.authoring.release import PACKAGE
from autograder.cli.main import main


@dataclass
class Case:
    """A test case, as its decorator describes it."""

    name: str
    points: float
    hidden: bool
    function: Any = None

    def __call__(self, function):
        self.function = function
        return self


@pytest.fixture
def package(homework, tmp_path, monkeypatch):
    folder = tmp_path / "given"
    assert main(["--assignment", str(homework), "package", "otter", str(folder)]) == 0
    peer = ModuleType("otter.test_files")
    peer.test_case = Case
    monkeypatch.setitem(sys.modules, "otter", ModuleType("otter"))
    monkeypatch.setitem(sys.modules, "otter.test_files", peer)
    monkeypatch.syspath_prepend(str(folder))
    yield folder
    for name in [n for n in sys.modules if n.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def read(path):
    """A test file's names."""
    found: dict[str, Any] = {}
    exec(compile(path.read_text("utf-8"), path, "exec"), found)
    return found


def cases(path):
    return [item for item in read(path).values() if isinstance(item, Case)]


def lost(package, source):
    """Ids of the checks whose case raises, with what it says."""
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    found = {}
    for path in sorted((package / "tests").glob("*.py")):
        for case in cases(path):
            try:
                case.function(env=namespace)
            except AssertionError as error:
                found[case.name.partition(":")[0]] = str(error)
    return found


def test_there_is_a_file_for_each_function_and_a_case_for_each_public_check(package):
    files = {path.stem: read(path) for path in (package / "tests").glob("*.py")}
    assert {name: (file["name"], file["OK_FORMAT"]) for name, file in files.items()} == {
        "double": ("double", False),
        "add": ("add", False),
    }
    found = [case for name in ("double", "add") for case in cases(package / "tests" / f"{name}.py")]
    assert [(case.name, case.points, case.hidden) for case in found] == [
        ("double: twice the input", 2, False),
        ("add.values: the sum", 1, False),
    ]


def test_nothing_hidden_is_in_the_package(package):
    for path in package.rglob("*"):
        if path.is_file():
            assert b"add.hidden" not in path.read_bytes() and b"large numbers" not in path.read_bytes(), path


def test_the_reference_passes(package, solved):
    assert lost(package, solved) == {}


def test_a_mistake_fails_in_its_own_case(package, solved):
    found = lost(package, solved.replace("2 * x", "3 * x"))
    assert list(found) == ["double"]
    assert "double is wrong in 6 of 6 entries" in found["double"]


def test_what_is_not_written_does_not_pass(package, template):
    assert list(lost(package, template)) == ["add.values", "double"]


def test_what_was_not_converted_is_said(homework, tmp_path, capsys):
    assert main(["--assignment", str(homework), "package", "otter", str(tmp_path / "given")]) == 0
    assert "only the grader can decide it: add.hidden.\n" in capsys.readouterr().out
