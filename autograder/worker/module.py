"""Runs a student's module statement by statement, so that one broken statement does not cost the rest.

A notebook is forgiving: a cell that fails leaves the others standing.  A module with the same code gets the
same treatment, else the same work would have two scores.
"""

from __future__ import annotations
import __future__

import ast
import codecs
import linecache
import re
import sys
import types
from collections.abc import Iterator
from typing import Any

from autograder.worker.execute import describe

# Lines at the left margin that go on with the statement above them.
_CONTINUES = ("else", "elif", "except", "finally", ")", "]", "}", "case")
_LONGEST_SEARCH = 60
_FUTURE_FLAGS = {name: getattr(__future__, name).compiler_flag for name in __future__.all_feature_names}


def new_module(name: str) -> types.ModuleType:
    """Make the empty module that the submission will fill, importable under its name."""
    module = types.ModuleType(name)
    sys.modules[name] = module
    return module


def read(path: str) -> bytes:
    """What is in a file."""
    with open(path, "rb") as file:
        return file.read()


_NO_SOURCE = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"}
"""Encodings that Python knows and nobody writes in."""


def decode(raw: bytes) -> tuple[str, str]:
    """The text of a Python file, with line ends as Python has them.

    Python refuses a file that is not in the encoding that it declares, UTF-8 by default.  One umlaut in a comment, from
    an old editor, must not cost a whole submission: such a file is read as what it most likely is.

    Parameters
    ----------
    raw : bytes

    Returns
    -------
    tuple of str
        The text, and how else than as declared it was read; that is empty for a file that Python takes.

    Raises
    ------
    UnicodeError
        If it begins as UTF-16 and is not.
    """
    remark = ""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = raw.decode("utf-16")
    else:
        try:
            declared = codecs.lookup(_declared(raw)).name
            if declared.replace("_", "-") in _NO_SOURCE:
                raise LookupError(declared)
            text = raw.decode(declared)
        except (
            LookupError,
            ValueError,
        ):  # no such encoding, no possible name of one, another one than declared
            text, remark = _otherwise(raw)
    return text.replace("\r\n", "\n").replace("\r", "\n"), remark


def _declared(raw: bytes) -> str:
    for line in raw.splitlines()[:2]:
        if line.startswith(b"#") and b"coding" in line and not raw.startswith(b"\xef\xbb\xbf"):
            declared = line.split(b"coding", 1)[1].lstrip(b":= \t").split()
            return declared[0].decode("ascii", "replace") if declared else "utf-8-sig"
    return "utf-8-sig"


def _otherwise(raw: bytes) -> tuple[str, str]:
    try:
        return raw.decode("utf-8-sig"), "not in the encoding that it declares; it was read as UTF-8"
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        said = f"not UTF-8 text (line {line}); it was read as Windows-1252"
        return raw.decode("cp1252", "replace"), said


def run(path: str, namespace: dict[str, Any], raw: bytes | None = None) -> dict[str, Any]:
    """Run a module's statements in order in a namespace, going on after one that fails.

    Parameters
    ----------
    path : str
        The module's file.
    namespace : dict
        The module's dictionary.
    raw : bytes, optional
        What is in the file, where the process may not open it any more.

    Returns
    -------
    dict
        ``failed``: one description per statement that failed (see `execute.describe`), with ``line`` the
        statement's line.  A part that does not parse counts as one statement.
    """
    namespace["__file__"] = path
    if raw is None:
        raw = read(path)
    try:
        source, _ = decode(raw)
    except UnicodeDecodeError as error:
        return {"failed": [{**describe(error), "line": 1}]}
    linecache.cache[path] = (len(source), None, source.splitlines(True), path)
    failed, flags = [], 0
    for part in _parts(source, path):
        if isinstance(part, dict):
            failed.append(part)
            continue
        if isinstance(part, ast.ImportFrom) and part.module == "__future__":
            for alias in part.names:
                flags |= _FUTURE_FLAGS.get(alias.name, 0)
        try:
            exec(compile(ast.Module([part], []), path, "exec", flags, dont_inherit=True), namespace)
        except BaseException as error:
            failed.append({**describe(error), "line": part.lineno, **_defined(ast.unparse(part))})
    return {"failed": failed}


def _parts(source: str, path: str) -> Iterator[ast.stmt | dict[str, Any]]:
    """Yield the statements of a source, and a description for each part of it that does not parse."""
    try:
        yield from ast.parse(source, path).body
        return
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    lines = source.split("\n")
    starts = [i for i, line in enumerate(lines) if _starts_statement(line)] + [len(lines)]
    at = 0
    while at < len(starts) - 1:
        first_error: BaseException | None = None
        for end in range(at + 1, min(len(starts), at + 1 + _LONGEST_SEARCH)):
            # Blank lines in front keep the line numbers of the file.
            text = "\n" * starts[at] + "\n".join(lines[starts[at] : starts[end]])
            try:
                body = ast.parse(text, path).body
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                first_error = first_error or error
                continue
            yield from body
            at = end
            break
        else:
            assert first_error is not None
            line = getattr(first_error, "lineno", None) or starts[at] + 1
            yield {
                **describe(first_error),
                "line": line,
                **_defined("\n".join(lines[starts[at] : starts[at + 1]])),
            }
            at += 1


def _defined(source: str) -> dict[str, list[str]]:
    """Functions, classes and variables that a piece of source defines at the left margin; empty if there are none."""
    pattern = r"^(?:async )?(?:def|class) +(\w+)|^(\w+) *=(?!=)"
    names = [function or variable for function, variable in re.findall(pattern, source, re.MULTILINE)]
    return {"names": names} if names else {}


def _starts_statement(line: str) -> bool:
    return bool(line) and not line[0].isspace() and line[0] != "#" and not line.startswith(_CONTINUES)
