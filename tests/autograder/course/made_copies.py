"""Copies of a solution, disguised in the ways that students use.

Each way takes the text of a module and a generator of chances, and returns another module.  But for sums of lists
and definitions that need an order, a copy does what its model does.
"""

import ast
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.course.similar import blocks

ROOT = Path(__file__).parents[3]
DEFINITION = (ast.FunctionDef, ast.ClassDef)
TEMPLATE = (ROOT / "student_template" / "mlp.py").read_text("utf-8")
HANDOUT = {node.name for node in ast.walk(ast.parse(TEMPLATE)) if isinstance(node, DEFINITION)}
ARGUMENTS = {node.arg for node in ast.walk(ast.parse(TEMPLATE)) if isinstance(node, ast.arg)}
DEAD_CODE = [
    "unused = 0",
    "counter = len('abc') + 1",
    "if False:\n    print('never')",
    "assert True, 'fine'",
    "debug = [1, 2, 3][0]",
    "for _ in range(0):\n    pass",
    "factor = 1.0 * 2 - 2",
    "try:\n    pass\nexcept ValueError:\n    pass",
]
Way = Callable[[str, random.Random], str]


def solutions() -> dict[str, str]:
    """The reference and the correct styles, each as one module."""
    found = {"reference": (ROOT / "reference" / "mlp.py").read_text("utf-8")}
    for folder in sorted(p for p in (ROOT / "tests" / "corpus" / "correct").iterdir() if p.is_dir()):
        files = sorted((*folder.glob("*.py"), *folder.glob("*.ipynb")))
        found[folder.name] = "\n\n".join(b.text for f in files for b in blocks(f.name, f.read_bytes()))
    return found


def to_notebook(source: str) -> bytes:
    """A notebook with a cell for each definition and each other statement."""
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": ast.unparse(node).splitlines(True)}
        for node in _parse(source).body
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()


def reformat(source: str, rng: random.Random) -> str:
    """Other line breaks, brackets and quotes; no comments, no docstrings."""
    return ast.unparse(_parse(source))


def rename(source: str, rng: random.Random) -> str:
    """Other names for all that the student named: variables, attributes, helpers and their arguments, even ``np``."""
    tree = _parse(source)
    names, attributes, arguments = set(), set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            arguments.add(node.arg)
        elif isinstance(node, ast.alias) and node.asname:
            names.add(node.asname)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "self":
            attributes.add(node.attr)
        elif isinstance(node, ast.FunctionDef):
            names.add(node.name)
    methods = {
        m.name for c in ast.walk(tree) if isinstance(c, ast.ClassDef) for m in c.body if hasattr(m, "name")
    }
    documented = attributes & set(re.findall(r"\w+", TEMPLATE))
    kept = HANDOUT | ARGUMENTS | documented | {n for n in names | methods if n.startswith("__")}
    chosen = sorted((names | attributes | methods | arguments) - kept)
    numbers = rng.sample(range(len(chosen)), len(chosen))
    return ast.unparse(
        _Renamer(dict(zip(chosen, numbers, strict=True)), attributes | methods, arguments).visit(tree)
    )


def reorder(source: str, rng: random.Random) -> str:
    """Functions and methods in another order."""
    tree = _parse(source)

    def shuffled(body: list[ast.stmt]) -> list[ast.stmt]:
        moved = [n for n in body if isinstance(n, ast.FunctionDef)]
        places = iter(rng.sample(moved, len(moved)))
        return [next(places) if isinstance(n, ast.FunctionDef) else n for n in body]

    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef)):
            node.body = shuffled(node.body)
    return ast.unparse(tree)


def split(source: str, rng: random.Random, chance: float = 0.5) -> str:
    """Parts of long expressions in statements of their own."""
    tree, puller = _parse(source), _Puller(rng, chance)

    def change(statement: ast.stmt) -> list[ast.stmt]:
        if isinstance(statement, (ast.Return, ast.Assign, ast.AugAssign)) and statement.value is not None:
            puller.pulled = []
            statement.value = puller.visit(statement.value)
            return [*puller.pulled, statement]
        return [statement]

    return _unparse(_with_bodies(tree, change))


def whiles(source: str, rng: random.Random) -> str:
    """``while`` in place of ``for ... in range(...)``."""

    def change(statement: ast.stmt) -> list[ast.stmt]:
        match statement:
            case ast.For(
                target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"), args=args), orelse=[]
            ):
                if len(args) < 3 and not any(isinstance(n, ast.Continue) for n in ast.walk(statement)):
                    begin, end = args if len(args) == 2 else (ast.Constant(0), args[0])
                    step = ast.parse(f"{name} += 1").body
                    test = ast.Compare(ast.Name(name), [ast.Lt()], [end])
                    return [
                        ast.Assign([ast.Name(name)], begin, lineno=0),
                        ast.While(test, statement.body + step, []),
                    ]
        return [statement]

    return _unparse(_with_bodies(_parse(source), change))


def dead_code(source: str, rng: random.Random, chance: float = 0.35) -> str:
    """Statements without effect between the others."""

    def change(statement: ast.stmt) -> list[ast.stmt]:
        added = ast.parse(rng.choice(DEAD_CODE)).body if rng.random() < chance else []
        return [*added, statement]

    return _unparse(_with_bodies(_parse(source), change))


def swap(source: str, rng: random.Random, chance: float = 0.5) -> str:
    """``b + a`` for ``a + b``, ``b > a`` for ``a < b``, ``a = a + b`` for ``a += b``."""
    return _unparse(_Swapper(rng, chance).visit(_parse(source)))


def everything(source: str, rng: random.Random) -> str:
    """All of these at once."""
    source = split(whiles(source, rng), rng, 0.25)
    return reorder(rename(swap(dead_code(source, rng, 0.2), rng, 0.25), rng), rng)


WAYS: dict[str, Way] = {
    "reformat": reformat,
    "rename": rename,
    "reorder": reorder,
    "split": split,
    "whiles": whiles,
    "dead_code": dead_code,
    "swap": swap,
    "everything": everything,
}


def take(mine: str, theirs: str, part: float, rng: random.Random) -> str:
    """My solution, with a part of its code replaced by another's functions, renamed."""
    tree = _parse(mine)
    given = {name: node for node in _parse(theirs).body if (name := _named(node)) in HANDOUT}
    names = [name for node in tree.body if (name := _named(node)) in given]
    left = part * sum(len(ast.dump(given[name])) for name in names)
    for name in rng.sample(names, len(names)):
        if left > 0:
            left -= len(ast.dump(given[name]))
            tree.body = [given[name] if _named(node) == name else node for node in tree.body]
    return rename(ast.unparse(tree), rng)


def alike(solutions: dict[str, str], rng: random.Random, ways: int = 3, part: float = 0.7) -> dict[str, str]:
    """A class that was taught well: each of the short functions is written in one of a few ways only."""
    trees = {name: _parse(text) for name, text in solutions.items()}
    named = {name: {_named(n): n for n in tree.body if _named(n) in HANDOUT} for name, tree in trees.items()}
    order = sorted(named["reference"], key=lambda name: len(ast.dump(named["reference"][name])))
    pools = {f: rng.sample(sorted(solutions), ways) for f in order[: int(part * len(order))]}
    made = {}
    for name, tree in trees.items():
        chosen = {f: named[rng.choice(pool)].get(f) for f, pool in pools.items()}
        body = [chosen.get(_named(node)) or node for node in tree.body]
        made[name] = ast.unparse(ast.Module(body, []))
    return made


def mixed(solutions: dict[str, str], count: int, rng: random.Random) -> list[str]:
    """Many solutions, each function of each from another one."""
    trees = [_parse(text) for text in solutions.values()]
    named = [{_named(n): ast.unparse(n) for n in tree.body if _named(n) in HANDOUT} for tree in trees]
    own = ["\n".join(ast.unparse(n) for n in tree.body if _named(n) not in HANDOUT) for tree in trees]
    return [
        "\n\n".join([rng.choice(own), *(rng.choice(named).get(name, "") for name in named[0])])
        for _ in range(count)
    ]


def first_functions(source: str, count: int) -> str:
    """What somebody hands in who wrote only the first functions of the homework."""
    tree = _parse(source)
    order = [_named(node) for node in ast.parse(TEMPLATE).body if _named(node)]
    later = set(order[count:])
    tree.body = [node for node in tree.body if _named(node) not in later]
    return ast.unparse(tree)


def _named(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):  # relu = lambda Z: ...
        return node.targets[0].id
    return node.name if isinstance(node, DEFINITION) else ""


def _parse(source: str) -> ast.Module:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, (*DEFINITION, ast.Module)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def _unparse(tree: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(tree))


def _with_bodies(tree: ast.Module, change: Callable[[ast.stmt], list[ast.stmt]]) -> ast.Module:
    """Every statement inside a function or a block replaced by others."""
    for node, field in list(_bodies(tree)):
        setattr(node, field, [new for statement in getattr(node, field) for new in change(statement)])
    return tree


def _bodies(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Module, ast.ClassDef, ast.Lambda, ast.IfExp)):
            for field in ("body", "orelse", "finalbody"):
                if getattr(node, field, None):
                    yield node, field


class _Renamer(ast.NodeTransformer):
    def __init__(self, numbers: dict[str, int], attributes: set[str], arguments: set[str]) -> None:
        self.numbers, self.attributes, self.arguments = numbers, attributes, arguments

    def new(self, name: str) -> str:
        return f"v{self.numbers[name]}" if name in self.numbers else name

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        match node:
            case ast.Name():
                node.id = self.new(node.id)
            case ast.arg():
                node.arg = self.new(node.arg)
            case ast.keyword(arg=str(name)) if name in self.arguments:
                node.arg = self.new(name)
            case ast.Attribute() if node.attr in self.attributes:
                node.attr = self.new(node.attr)
            case ast.FunctionDef():
                node.name = self.new(node.name)
            case ast.alias(asname=str(name)):
                node.asname = self.new(name)
            case ast.ExceptHandler(name=str(name)):
                node.name = self.new(name)
            case ast.Global() | ast.Nonlocal():
                node.names = [self.new(name) for name in node.names]
        return node


class _Puller(ast.NodeTransformer):
    """Takes calls and sums out of an expression where that changes nothing in the order of what happens."""

    later = (
        ast.Lambda,
        ast.ListComp,
        ast.GeneratorExp,
        ast.SetComp,
        ast.DictComp,
        ast.IfExp,
        ast.BoolOp,
        ast.JoinedStr,
    )

    def __init__(self, rng: random.Random, chance: float) -> None:
        self.rng, self.chance, self.pulled, self.depth, self.count = rng, chance, [], 0, 0

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, self.later):
            return node
        self.depth += 1
        super().generic_visit(node)
        self.depth -= 1
        if self.depth and isinstance(node, (ast.BinOp, ast.Call)) and self.rng.random() < self.chance:
            self.count += 1
            self.pulled.append(ast.Assign([ast.Name(f"part{self.count}")], node, lineno=0))
            return ast.Name(f"part{self.count}")
        return node


class _Swapper(ast.NodeTransformer):
    mirrored = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Eq: ast.Eq}  # noqa: RUF012

    def __init__(self, rng: random.Random, chance: float) -> None:
        self.rng, self.chance = rng, chance

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if not isinstance(node, (ast.BinOp, ast.Compare, ast.AugAssign)) or self.rng.random() >= self.chance:
            return node
        match node:
            case ast.BinOp(op=ast.Add() | ast.Mult()):
                node.left, node.right = node.right, node.left
            case ast.Compare(ops=[op]) if type(op) in self.mirrored:
                return ast.Compare(node.comparators[0], [self.mirrored[type(op)]()], [node.left])
            case ast.AugAssign(target=ast.Name(id=name)):
                return ast.Assign([node.target], ast.BinOp(ast.Name(name), node.op, node.value), lineno=0)
        return node
