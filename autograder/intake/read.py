"""A path as it was handed in becomes a `Submission`: which file counts, and what lies beside it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from autograder.errors import AutograderError, InvalidSubmission, UsageError
from autograder.intake import archive, notebook, parsing, stubs
from autograder.model.assignment import Assignment
from autograder.model.submission import Submission
from autograder.worker.module import decode

MAX_FILES = 2000
MAX_TOTAL_BYTES = 256 << 20
_MAX_PATH = 1000  # bytes; with room for the folder in front
_MOST_READ, _MOST_NAMED = 100, 3  # files that are looked into for work; files and functions named in a remark
_SKIPPED_FOLDERS = {
    "__pycache__",
    ".git",
    ".ipynb_checkpoints",
    "__MACOSX",
    ".venv",
    "venv",
    "node_modules",
    ".idea",
}


def read(path: Path, assignment: Assignment, entry: str | None = None) -> Submission:
    """Read a submission: a folder, a ``.py``, a ``.ipynb``, or a ``.zip`` of one.

    Parameters
    ----------
    path : Path
        What was handed in.
    assignment : Assignment
        Tells the file's name, and the template to compare with.
    entry : str, optional
        The file that counts, where several could.

    Raises
    ------
    UsageError
        If the path does not exist or is of a kind that is not graded.
    InvalidSubmission
        If no file counts, several do, or the file cannot be read.
    """
    try:
        return _read(path, assignment, entry)
    except AutograderError:
        raise
    except Exception as error:  # what is in a file must not look like a fault of the grader's
        raise InvalidSubmission(
            f"{path.name} cannot be read ({type(error).__name__}); save it again and hand it in."
        ) from error


def _read(path: Path, assignment: Assignment, entry: str | None) -> Submission:
    mode = _mode(path)
    if stat.S_ISDIR(mode):
        files = _folder(path)
    elif not stat.S_ISREG(mode):  # reading a pipe or a device might never end
        raise UsageError(f"{path.name} is no file; give the folder or file that was handed in.")
    elif path.suffix.lower() == ".zip":
        files = archive.read(path, MAX_FILES, MAX_TOTAL_BYTES)
    elif path.suffix.lower() in (".py", ".ipynb"):
        # Alone: what lies beside a single file may be another student's work.
        files, entry = {path.name: _file(path)}, path.name
    else:
        raise UsageError(f"{path.name} cannot be graded; hand in a folder, a .py, a .ipynb or a .zip of one.")
    with_work = _with_work(files, assignment)
    chosen = _choose(files, assignment, entry, path.resolve().name, with_work)
    kind = "notebook" if chosen.lower().endswith(".ipynb") else "module"
    notes: list[str] = []
    if path.is_symlink():  # followed, as the caller named it; whose work it is should be seen
        notes.append(f"{path.name} is a link; {path.resolve().name}, which it leads to, was graded.")
    if not files[chosen].removeprefix(b"\xef\xbb\xbf").strip():
        notes.append(f"{PurePosixPath(chosen).name} is empty.")
    if kind == "notebook":
        notes += notebook.check(files[chosen])
    else:
        _check_module(files[chosen], chosen)
        notes += _encoding(files[chosen], PurePosixPath(chosen).name)
    notes += _elsewhere(files, chosen, with_work) if entry is None else []
    base = PurePosixPath(chosen).parent
    beside = {
        str(PurePosixPath(p).relative_to(base)): b
        for p, b in files.items()
        if PurePosixPath(p).is_relative_to(base)
    }
    is_template = _is_template(files[chosen], kind, assignment)
    return Submission(
        name(path, assignment), kind, PurePosixPath(chosen).name, beside, is_template, tuple(notes)
    )


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        reason = "does not exist"
    except OSError as error:  # too long, no permission, a file used as a folder, links that go round
        reason = f"cannot be read ({error.strerror})"
    raise UsageError(f"{path} {reason}; give the folder or file that was handed in.")


def name(path: Path, assignment: Assignment) -> str:
    """What a submission is called in reports: its folder, or its file unless all files are called alike."""
    resolved = path.resolve()
    if not resolved.suffix or resolved.is_dir():
        return resolved.name
    is_common = resolved.stem.lower() == assignment.name.lower()
    return resolved.parent.name if is_common and resolved.parent.name else resolved.stem


def _folder(folder: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for relative, size in _walk(folder):
        total += size
        if len(files) >= MAX_FILES or total > MAX_TOTAL_BYTES:
            raise InvalidSubmission(
                f"{folder.resolve().name} holds more than {MAX_FILES} files or {MAX_TOTAL_BYTES >> 20} MB; "
                "hand in the homework's files only."
            )
        files[relative.as_posix()] = _file(folder / relative)
    return files


def _walk(folder: Path) -> Iterator[tuple[Path, int]]:
    """Paths and sizes of the regular files that count, those that lie highest first."""
    waiting = [Path()]
    while waiting:  # no recursion: folders may be deeper than it goes
        parent = waiting.pop(0)
        with suppress(OSError), os.scandir(folder / parent) as entries:
            for entry in sorted(entries, key=lambda e: e.name):
                relative = parent / entry.name
                if len(os.fsencode(relative)) > _MAX_PATH:
                    raise InvalidSubmission(f"{folder.resolve().name} holds folders that are too deep.")
                # Links, pipes and devices are not the student's own work, and reading them may not end.
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _SKIPPED_FOLDERS:
                        waiting.append(relative)
                elif entry.is_file(follow_symlinks=False) and not _is_made_by_tools(relative):
                    yield relative, entry.stat(follow_symlinks=False).st_size


def _is_made_by_tools(relative: Path) -> bool:
    # `grade.py .` writes its report into the submission's folder.
    return relative.suffix == ".pyc" or relative.match("results/*/report.json")


def _file(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_TOTAL_BYTES:
            raise InvalidSubmission(f"{path.name} is larger than {MAX_TOTAL_BYTES >> 20} MB.")
        return path.read_bytes()
    except OSError as error:
        raise InvalidSubmission(f"{path.name} cannot be read: {error.strerror}.") from error


def _choose(
    files: Mapping[str, bytes],
    assignment: Assignment,
    entry: str | None,
    shown: str,
    with_work: Mapping[str, list[str]],
) -> str:
    """Which file counts."""
    if entry is not None:
        wanted = PurePosixPath(entry).as_posix()
        matches = [p for p in files if p == wanted] or [p for p in files if p.endswith("/" + wanted)]
        if not matches:
            raise UsageError(f"--entry {entry}: there is no such file in {shown}.")
        if not wanted.lower().endswith((".py", ".ipynb")):
            raise UsageError(f"--entry {entry}: a module (.py) or a notebook (.ipynb) is needed.")
        return matches[0]
    expected = [f"{assignment.name}.py", f"{assignment.name}.ipynb"]
    named = [p for p in files if PurePosixPath(p).name.lower() in map(str.lower, expected)]
    candidates = _shallowest(named) or _shallowest(
        [p for p in files if p.lower().endswith((".ipynb", ".py"))]
    )
    if not candidates:
        zips = [p for p in files if p.lower().endswith(".zip")]
        if zips:
            raise InvalidSubmission(f"{shown} holds {zips[0]}; hand in that zip itself, or what is in it.")
        texts = [p for p in files if p.lower().endswith((".py.txt", ".ipynb.txt", ".ipynb.json"))]
        if texts:
            raise InvalidSubmission(f"{shown} holds {texts[0]}; take the last ending off its name.")
        raise InvalidSubmission(
            f"{shown} holds neither {expected[0]} nor {expected[1]}; hand in one of them."
        )
    if not named:
        # Renamed files, as course systems make them: taken when there is only one notebook or module.
        notebooks = [p for p in candidates if p.lower().endswith(".ipynb")]
        candidates = notebooks or candidates
    # A copy under another name counts where it was worked in and the template beside it was not.
    others = _shallowest([p for p in with_work if p not in named])
    if named and others and all(_is_template(files[p], _kind(p), assignment) for p in named):
        candidates += others
    if len(candidates) == 1:
        return candidates[0]
    changed = [p for p in candidates if not _is_template(files[p], _kind(p), assignment)]
    if len(changed) == 1:
        return changed[0]
    if not changed:
        return sorted(candidates)[-1]
    listed = " and ".join(sorted(changed)[:4])
    raise InvalidSubmission(
        f"{shown} holds several files with work in them ({listed}); choose with --entry FILE."
    )


def _with_work(files: Mapping[str, bytes], assignment: Assignment) -> dict[str, list[str]]:
    """Modules and notebooks in which functions of the homework have been written, and which."""
    paths = [p for p in files if p.lower().endswith((".py", ".ipynb"))]
    if len(paths) < 2:
        return {}
    originals: dict[str, str] = {}
    for kind, ending in (("module", ".py"), ("notebook", ".ipynb")):
        template = assignment.template / f"{assignment.name}{ending}"
        originals[kind] = (_code(template.read_bytes(), kind) if template.is_file() else None) or ""
    found = {
        p: stubs.written(_code(files[p], _kind(p)) or "", originals[_kind(p)]) for p in paths[:_MOST_READ]
    }
    return {p: names for p, names in found.items() if names}


def _elsewhere(files: Mapping[str, bytes], chosen: str, with_work: Mapping[str, list[str]]) -> list[str]:
    """A remark on other files with work in them: a zero for the wrong file needs a person who knows."""
    own, code = PurePosixPath(chosen).name, _code(files[chosen], _kind(chosen)) or ""
    others = [p for p in with_work if p != chosen and files[p] != files[chosen]]
    others = [p for p in others if not _imports(code, PurePosixPath(p).stem)]
    found = []
    for path in others[:_MOST_NAMED]:
        names = with_work[path]
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        told = ", ".join(names[:_MOST_NAMED]) + more
        found.append(f"{path} holds code of the homework, too ({told}); {own} was graded.")
    if len(others) > _MOST_NAMED:
        found.append(f"So do {len(others) - _MOST_NAMED} more files.")
    return found


def _imports(code: str, module: str) -> bool:
    name = re.escape(module)
    return bool(
        re.search(rf"(?m)^[ \t]*(?:from[ \t]+[\w.]*\b{name}[ \t]+import\b|import[ \t].*\b{name}\b)", code)
    )


def _encoding(raw: bytes, name: str) -> list[str]:
    """A remark on a text that Python would refuse, and how it is read."""
    try:
        _, remark = decode(raw)
    except ValueError:
        return []  # the report has it as a statement that failed
    return [f"{name} is {remark}."] if remark else []


def _shallowest(paths: list[str]) -> list[str]:
    least = min((len(PurePosixPath(p).parts) for p in paths), default=0)
    return [p for p in paths if len(PurePosixPath(p).parts) == least]


def _kind(path: str) -> str:
    return "notebook" if path.lower().endswith(".ipynb") else "module"


def _is_template(raw: bytes, kind: str, assignment: Assignment) -> bool:
    """Whether nothing has been written yet, whatever was done to outputs, comments and scratch code."""
    template = assignment.template / f"{assignment.name}{'.py' if kind == 'module' else '.ipynb'}"
    if not template.is_file():
        return False
    source, original = (_code(content, kind) for content in (raw, template.read_bytes()))
    return source is not None and original is not None and stubs.is_untouched(source, original)


def _code(raw: bytes, kind: str) -> str | None:
    if kind == "module":
        return parsing.text(raw)
    cells = notebook.code_cells(raw)
    return None if cells is None else "\n\n".join(cells)


def _check_module(raw: bytes, name: str) -> None:
    if raw[:64].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        raise InvalidSubmission(f"{name} is a saved web page, not a Python file; download the file itself.")
    if raw.startswith(b"version https://git-lfs"):
        raise InvalidSubmission(f"{name} is a Git LFS pointer, not the file; hand in the file itself.")
    if b"\0" in raw[:4096] and raw[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise InvalidSubmission(f"{name} is not a text file.")
    if raw.lstrip()[:1] == b"{" and b'"cells"' in raw[:200_000]:
        raise InvalidSubmission(f"{name} holds a notebook; rename it to end in .ipynb.")
