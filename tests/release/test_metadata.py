"""What a release says of itself is the same everywhere."""

import re
import tomllib
from pathlib import Path

from autograder import __version__

ROOT = Path(__file__).parents[2]


def test_version_and_date_are_the_same_in_all_places():
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\nversion: {__version__}\n" in citation
    date = re.search(r"^date-released: (\S+)$", citation, re.MULTILINE)[1]
    releases = re.findall(
        r"^## \[([\d.]+)\] - (\S+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert releases[0] == (__version__, date)
    assert "version" in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dynamic"]


def test_an_installation_takes_along_all_that_the_assignment_names():
    """`setup.py` lists by hand what `assignment.toml` points to."""
    listed = re.search(r"HOMEWORK = \((.*?)\)", (ROOT / "setup.py").read_text("utf-8"), re.DOTALL)[1]
    taken = re.findall(r'"([^"]+)"', listed)
    named = [
        v for v in tomllib.loads((ROOT / "assignment.toml").read_text("utf-8")).values() if isinstance(v, str)
    ]
    paths = [value for value in named if (ROOT / value).exists()]
    assert len(paths) >= 6
    for path in paths:
        assert any(path == name or path.startswith(f"{name}/") for name in taken), path
