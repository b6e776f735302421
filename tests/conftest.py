"""A homework of three checks, so that the engine is tested without the real one."""

import json
import sys
from pathlib import Path

import pytest

ASSIGNMENT = """
id = "small"
title = "A small homework"
version = "1"
seed = 7
name = "hw"
reference = "reference/hw.py"
checks = "checks"
template = "template"
data = "data"
rubric = "rubric.toml"
"""

RUBRIC = """
timeout_s = 5

[limits]
load_s = 20
cell_s = 5
total_s = 60
cpu_s = 60
memory_mb = 1024
output_mb = 1
file_mb = 1
restarts = 5

[tolerances.default]
rtol = 1e-6
atol = 1e-9
rtol_single = 1e-4
atol_single = 1e-6

[[parts]]
id = "first"
title = "The first part"

[[parts.checks]]
id = "double"
title = "twice the input"
points = 2

[[parts]]
id = "second"
title = "The second part"

[[parts.checks]]
id = "add.values"
title = "the sum"
points = 1

[[parts.checks]]
id = "add.hidden"
title = "the sum of large numbers"
points = 0.5
visibility = "hidden"

[[manual]]
id = "essay"
title = "why two and two make four"
"""

SOLVED = '''"""Solved."""


def double(x):
    """Twice x."""
    return 2 * x


def add(x, y):
    """Sum."""
    return x + y
'''

TEMPLATE = SOLVED.replace("return 2 * x", 'raise NotImplementedError("double")').replace(
    "return x + y", 'raise NotImplementedError("add")'
)

CHECKS = """
from autograder.checking import assert_close, check


@check("double")
def test_double(student, reference, rng, tolerance):
    x = rng.normal(size=(3, 2))
    assert_close(student.double(x), reference.double(x), tolerance(), "double")


@check("add.values")
def test_add(student, reference, rng, tolerance):
    x, y = rng.normal(size=(2, 3))
    assert_close(student.add(x, y), reference.add(x, y), tolerance(), "add")


@check("add.hidden")
def test_add_large(student, reference, rng, tolerance):
    x, y = 1e6 * rng.normal(size=(2, 3))
    assert_close(student.add(x, y), reference.add(x, y), tolerance(), "add")
"""


def to_notebook(*sources: str, **changes: object) -> bytes:
    """A notebook of nbformat 4.5 with one code cell per source."""
    cells = [
        {
            "cell_type": "code",
            "id": f"c{i}",
            "metadata": {},
            "source": s,
            "outputs": [],
            "execution_count": None,
        }
        for i, s in enumerate(sources)
    ]
    return json.dumps(
        {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **changes}
    ).encode()


@pytest.fixture
def homework(tmp_path: Path) -> Path:
    """Folder of a small assignment; tests may change its files before they load it."""
    folder = tmp_path / "homework"
    files = {
        "assignment.toml": ASSIGNMENT,
        "rubric.toml": RUBRIC,
        "reference/hw.py": SOLVED,
        "checks/test_small.py": CHECKS,
        "template/hw.py": TEMPLATE,
        "template/hw.ipynb": to_notebook("# Fill in.", TEMPLATE).decode(),
        "data/numbers.txt": "1 2 3",
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


@pytest.fixture
def solved() -> str:
    """Source that earns every point of the small homework."""
    return SOLVED


@pytest.fixture
def template() -> str:
    """Source of the small homework as it is handed out."""
    return TEMPLATE


@pytest.fixture
def notebook():
    """Makes notebooks: ``notebook("x = 1", "y = 2", metadata={})`` as bytes."""
    return to_notebook


@pytest.fixture
def edit(homework: Path):
    """Replaces a text in a file of the small homework, which must be there."""

    def replace(name: str, old: str, new: str) -> None:
        path = homework / name
        content = path.read_text()
        assert old in content
        path.write_text(content.replace(old, new))

    return replace


@pytest.fixture(autouse=True)
def no_module_left_behind(tmp_path: Path):
    """The grader's pytest keeps check files by their name alone; another test has others of that name."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]
