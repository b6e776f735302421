"""Takes the solution out of a module: signatures and docstrings stay, bodies and private parts go.

The module's text is edited by whole lines, so that all that stays is byte for byte what the author wrote.
Whatever could carry a solution in a way that is not foreseen here is refused instead of passed through.
"""

from __future__ import annotations

import ast
import io
import re

from autograder.authoring.source import first_line
from autograder.errors import GraderFault

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_TASK = re.compile(r"\d+(\.\d+)*$")
_KEPT = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)


def stub(source: str, name: str) -> str:
    """Replace the body of every public function and method by ``raise NotImplementedError("<task> <name>")``.

    Private functions, methods, classes and constants are left out.  The task number is the first word of the
    docstring, the function's own or else its class's.

    Parameters
    ----------
    source : str
        The reference's text.
    name : str
        Names the reference in messages.

    Raises
    ------
    GraderFault
        If a definition has no task number, or a statement might hand on a part of the solution.
    """
    editor = _Editor(source, name)
    editor.body(ast.parse(source).body, owner="", task="")
    return editor.result()


class _Editor:
    """The lines of a module, and what is to become of them."""

    def __init__(self, source: str, name: str) -> None:
        self.lines = io.StringIO(source).readlines()  # as ast counts them; splitlines also cuts at form feeds
        self.name = name
        self.replaced: dict[int, str] = {}
        """What to put in place of a line, by its index."""

    def result(self) -> str:
        return "".join(self.replaced.get(i, line) for i, line in enumerate(self.lines))

    def body(self, statements: list[ast.stmt], owner: str, task: str) -> None:
        """Edit the statements of a module (`owner` is empty) or of the class `owner`."""
        for node in statements:
            if _is_private(node):
                self._remove(node)
            elif isinstance(node, _Function):
                self._empty(node, owner, task)
            elif isinstance(node, ast.ClassDef):
                task_of_class = self._task(node, f"{owner}{node.name}", task)
                self.body(node.body, f"{owner}{node.name}.", task_of_class)
            elif not _is_harmless(node):
                raise GraderFault(
                    f"{self.name}, line {node.lineno}: this statement would be handed to students; "
                    "a reference consists of imports, constants, functions and classes."
                )

    def _remove(self, node: ast.stmt) -> None:
        """Drop a statement with the blank lines before it; those that follow keep up the spacing."""
        start = first_line(node, self.lines)
        while start > 0 and not self.lines[start - 1].strip():
            start -= 1
        self._drop(start, self._end(node))

    def _empty(self, node: _Function, owner: str, task: str) -> None:
        full_name = f"{owner}{node.name}"
        task = self._task(node, full_name, task)
        start = self._first_after_docstring(node, full_name)
        end = self._end(node)
        self._drop(start, end)
        raised = f'{" " * (node.col_offset + 4)}raise NotImplementedError("{task} {full_name}")\n'
        last = start - 1  # of the lines that stay
        self.replaced[last] = self.lines[last].rstrip("\r\n") + "\n" + raised

    def _first_after_docstring(self, node: _Function, full_name: str) -> int:
        """Index of the first line of a function's body that is the solution's."""
        body = node.body
        has_docstring = ast.get_docstring(node, clean=False) is not None
        before = body[0].end_lineno if has_docstring else self._last_of_signature(node)
        assert before is not None
        rest = body[1:] if has_docstring else body
        if body[0].lineno == node.lineno or any(statement.lineno <= before for statement in rest):
            raise GraderFault(f"{self.name}: the body of {full_name} must begin on a line of its own.")
        return before

    def _last_of_signature(self, node: _Function) -> int:
        """Line number of the signature's end: what follows it and precedes the body is blank or a comment."""
        number = first_line(node.body[0], self.lines)
        while number > node.lineno and self.lines[number - 1].strip()[:1] in ("", "#"):
            number -= 1
        return number

    def _end(self, node: ast.stmt) -> int:
        """Index after a statement's last line, comments that trail its body included."""
        assert node.end_lineno is not None
        end = following = node.end_lineno
        while following < len(self.lines):
            line = self.lines[following]
            if line.strip():
                depth = len(line) - len(line.lstrip())
                if not line.lstrip().startswith("#") or depth <= node.col_offset:
                    break
                end = following + 1
            following += 1
        return end

    def _drop(self, start: int, end: int) -> None:
        for i in range(start, end):
            self.replaced[i] = ""

    def _task(self, node: _Function | ast.ClassDef, full_name: str, inherited: str) -> str:
        words = (ast.get_docstring(node) or "").split(maxsplit=1)
        if words and _TASK.match(words[0]):
            return words[0]
        if inherited:
            return inherited
        raise GraderFault(
            f"{self.name}: the docstring of {full_name} must begin with a task number such as 1.3."
        )


def _is_private(node: ast.stmt) -> bool:
    if isinstance(node, _Function | ast.ClassDef):
        names = [node.name]
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    else:
        return False
    return bool(names) and all(
        n.startswith("_") and not (n.startswith("__") and n.endswith("__")) for n in names
    )


def _is_harmless(node: ast.stmt) -> bool:
    """Whether a statement holds no code: a docstring, an import, or a constant."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, _KEPT) and not any(isinstance(part, ast.Lambda) for part in ast.walk(node))
