"""Where the code of a submission stands in the file that was handed in, for marks beside its lines."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.intake import parsing
from autograder.model.submission import Submission
from autograder.pages.passages import definitions

_NEWLINE = re.compile(r"\r\n|\r|\n")
_IN_NOTEBOOK = re.compile(r'\s*"(?:async def|def|class) (\w+)')


@dataclass(frozen=True)
class SourceFile:
    """The file that counts."""

    path: str
    """As the system names it, with forward slashes."""
    lines: tuple[str, ...] = ()
    """Of a module; empty for a notebook, of which an exception's line is one of a cell."""
    starts: Mapping[str, int] = field(default_factory=dict)
    """First line of functions and classes, by name."""

    def raised(self, exception: Mapping[str, Any]) -> int:
        """The line in which an exception of a report was raised; 0 if it stands in another file or is not known."""
        number, code = exception.get("line", 0), exception.get("code", "").strip()
        is_here = 0 < number <= len(self.lines) and self.lines[number - 1].strip()[: len(code)] == code
        return number if code and is_here else 0


def source_file(submission: Submission, names: Collection[str], path: str) -> SourceFile:
    """Find functions and classes in the file that counts.

    Parameters
    ----------
    submission : Submission
    names : collection of str
        Functions and classes; one that is not found has no line.
    path : str
        Of the file, as the system names it.
    """
    lines = _NEWLINE.split(parsing.text(submission.files[submission.entry]))
    if submission.kind == "notebook":
        # Systems show the .ipynb itself, in which Jupyter writes each line of a cell on a line of its own.
        found = ((number, _IN_NOTEBOOK.match(line)) for number, line in enumerate(lines, 1))
        return SourceFile(path, starts={m[1]: number for number, m in found if m and m[1] in names})
    passages = definitions(submission, names, ())
    return SourceFile(path, tuple(lines), {p.name: p.lines[0].number for p in passages})
