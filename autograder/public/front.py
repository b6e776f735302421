"""``check(NAME)``: what students call, in a notebook's cell or at a prompt."""

from __future__ import annotations

import sys
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

from autograder.model.result import PASSED
from autograder.public.run import PublicChecks
from autograder.public.show import Shown
from autograder.worker import module

_FOLDER = Path(__file__).parents[1]


def check(name: Any = None) -> Shown | None:
    """Run the public checks of your work.

    In a notebook they are run on what its cells have defined, elsewhere on the module beside this file, which is read
    anew each time.  An interrupt ends the check that is running, a second one within a second all of them.  Where the
    system has a timer (not on Windows), a check is stopped that takes three times as long as the grader gives one call.

    Parameters
    ----------
    name : str or function, optional
        A function or class, its number in the homework (``"2.1"``), one check (its id) or a part (its id); everything
        by default.

    Examples
    --------
    >>> check("part1")  # doctest: +SKIP
    """
    checks = PublicChecks(_FOLDER, _FOLDER.parent / "data")
    name = getattr(name, "__name__", name)
    if not isinstance(name, str | None):
        print('check: give a name or a number as a text, as in check("1.10").')
        return None
    try:
        checks.select(name)
    except ValueError as error:
        print(textwrap.fill(f"check: {error}", 100, break_long_words=False))
        return None
    file = _FOLDER.parent / f"{checks.name}.py"
    namespace, source = _of_notebook({c["id"].partition(".")[0] for c in checks.select(None)}), "Your cells"
    if namespace is None:
        namespace, source = _of_module(file), file.name
    if namespace is None:
        return None
    return Shown(checks, checks.run(namespace, name), source)


def require(check_id: str, namespace: dict[str, Any]) -> None:
    """Decide one public check on what a namespace holds, for graders that count a test by what it raises.

    Raises
    ------
    AssertionError
        If it is not passed, or not decided without the grader; the message is for the student.
    """
    finding = next(f for f in _all().run(namespace, check_id) if f.id == check_id)
    if finding.status != PASSED:
        raise AssertionError(finding.message)


@cache
def _all() -> PublicChecks:
    return PublicChecks(_FOLDER, _FOLDER.parent / "data")


def _of_notebook(names: set[str]) -> dict[str, Any] | None:
    """What the cells of a notebook have defined; None outside of one, or if it defines none of these names."""
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    if not shell:
        return None
    namespace: dict[str, Any] = shell.user_ns
    own = [namespace[name] for name in names if name in namespace]
    return namespace if any(getattr(item, "__module__", "") == "__main__" for item in own) else None


def _of_module(path: Path) -> dict[str, Any] | None:
    """The names that a module defines; statements that fail are told, and cost what they define."""
    if not path.is_file():
        print(f"check: there is no {path.name} beside check.py; in a notebook, run its cells first.")
        return None
    namespace: dict[str, Any] = {"__name__": path.stem}
    for failed in module.run(str(path), namespace)["failed"]:
        print(f"check: {path.name}, line {failed.get('line', '?')}: {failed['type']}: {failed['message']}")
    return namespace
