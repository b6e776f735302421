"""Loads the wrong variants: the reference with one planted mistake each, as data in ``reference/mistakes/*.toml``."""

import ast
import textwrap
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CORPUS = Path(__file__).parents[2] / "reference" / "mistakes"
REFERENCE = Path(__file__).parents[2] / "reference" / "mlp.py"


@dataclass(frozen=True)
class Variant:
    """One mistake.

    Parameters
    ----------
    id : str
        ``function__mistake``.
    function : str
        Function, class or method that holds it: ``softmax``, ``Adam``, ``MLP.loss``.
    old, new : str
        Text that occurs once in the reference's source of that function, and what replaces it.
    loses : tuple of str
        Checks that must lose points.
    theme : str
        Kind of mistake; the same in many functions.
    summary : str
        One sentence.
    nudge, pointer, explanation : str
        Hints of three levels.
    """

    id: str
    function: str
    old: str
    new: str
    loses: tuple[str, ...]
    theme: str
    summary: str
    nudge: str = ""
    pointer: str = ""
    explanation: str = ""

    @property
    def component(self) -> str:
        """First component of the ids of the function's own checks."""
        return self.function.split(".")[0]


@cache
def load() -> tuple[Variant, ...]:
    """All variants, file by file."""
    found = []
    for path in sorted(CORPUS.glob("*.toml")):
        for entry in tomllib.loads(path.read_text("utf-8"))["mistake"]:
            found.append(Variant(**{**entry, "loses": tuple(entry["loses"])}))
    return tuple(found)


@cache
def _reference() -> tuple[str, ast.Module]:
    source = REFERENCE.read_text("utf-8")
    return source, ast.parse(source)


def _lines(function: str) -> slice:
    """The lines of a function, class or method in the reference."""
    body = _reference()[1].body
    for name in function.split("."):
        [node] = [n for n in body if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n.name == name]
        body = node.body
    return slice(node.lineno - 1, node.end_lineno)


def patched_source(*variants: Variant) -> str:
    """The reference's source with the mistakes of variants of different functions.

    Raises
    ------
    AssertionError
        If a variant's `old` does not occur exactly once in its function.
    """
    lines = _reference()[0].splitlines(keepends=True)
    for variant in sorted(variants, key=lambda v: _lines(v.function).start, reverse=True):
        span = _lines(variant.function)
        segment = "".join(lines[span])
        count = segment.count(variant.old)
        assert count == 1, f"{variant.id}: its text occurs {count} times in {variant.function}"
        patched = segment.replace(variant.old, variant.new)
        assert patched != segment, f"{variant.id} changes nothing"
        compile(textwrap.dedent(patched), variant.id, "exec")
        lines[span] = patched.splitlines(keepends=True)
    return "".join(lines)
