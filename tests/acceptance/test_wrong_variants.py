"""Every planted mistake is caught by its own checks, so every check is known to catch something."""

import ast
import functools
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.assignment.load import load
from autograder.assignment.mistakes import read_mistakes
from autograder.checking.run import collect
from autograder.diagnosis import variants
from autograder.model.mistake import Mistake
from autograder.model.rubric import FollowThrough
from autograder.pipeline import grade
from autograder.proving.prove import asks_code

HOMEWORK = load(Path(__file__).parents[2])
# Without follow-through: what a check sees counts, not what is forgiven afterwards.
ASSIGNMENT = replace(HOMEWORK, rubric=replace(HOMEWORK.rubric, follow_through=FollowThrough()))
VARIANTS = read_mistakes(HOMEWORK.mistakes)
# Those of files that are handed in have wrong files of their own, in test_wrong_files.py.
CHECKS = [check_id for check_id, check in collect(ASSIGNMENT).items() if asks_code(check)]
# The tasks have no function of their own: the grader trains with these.
TRAINS = ("MLP", "train", "SGD", "Adam")


@functools.cache
def calls() -> dict[str, frozenset[str]]:
    """The names of the reference's own functions and classes that each of them uses."""
    tree = ast.parse(ASSIGNMENT.reference.read_text("utf-8"))
    nodes = [n for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
    names = {n.name for n in nodes}
    return {n.name: frozenset(names & used_in(n)) for n in nodes}


def used_in(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def reach(variant: Mistake) -> set[str]:
    """All functions that can change the result of the checks that judge a variant."""
    open_names = set(variant.components)
    for change in variant.changes:
        open_names |= calls().keys() & words(change.new)
    for check in variant.loses:
        first = check.split(".")[0]
        open_names |= set(TRAINS) if first == "task" else {first}
    found: set[str] = set()
    while open_names:
        name = open_names.pop()
        found.add(name)
        open_names |= calls()[name] - found
    return found


def words(text: str) -> set[str]:
    """Names in a piece of code, which need not be a complete statement."""
    return set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())


@functools.cache
def submissions() -> list[list[Mistake]]:
    """The variants, packed into few submissions in which none can be mistaken for another.

    Two share a submission only if neither mistake is within reach of the other's checks.
    """
    packed: list[tuple[list[Mistake], set[str], set[str]]] = []
    for variant in sorted(VARIANTS, key=lambda v: len(reach(v)), reverse=True):
        reached = reach(variant)
        for group, components, all_reached in packed:
            if all_reached.isdisjoint(variant.components) and components.isdisjoint(reached):
                group.append(variant)
                components.update(variant.components)
                all_reached |= reached
                break
        else:
            packed.append(([variant], set(variant.components), set(reached)))
    return [group for group, _, _ in packed]


def own_checks(variant: Mistake) -> set[str]:
    return {c for c in CHECKS if c.split(".")[0] in variant.components} | set(variant.loses)


@pytest.fixture(scope="module")
def report_of(tmp_path_factory):
    """Grades the submission that holds a variant, once."""
    group_of = {v.id: i for i, group in enumerate(submissions()) for v in group}

    @functools.cache
    def graded(number: int) -> dict[str, dict]:
        group = submissions()[number]
        path = tmp_path_factory.mktemp("variants") / "mlp.py"
        changes = [change for variant in group for change in variant.changes]
        path.write_text(variants.of(ASSIGNMENT.reference).source(changes), "utf-8")
        selected = set().union(*(own_checks(v) for v in group))
        report = grade(path, ASSIGNMENT, entry=None, seed=ASSIGNMENT.seed, selected=selected)
        assert report["status"] == "graded", report["message"]
        return {check["id"]: check for check in report["checks"]}

    return lambda variant: graded(group_of[variant.id])


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.id)
def test_mistake_loses_its_points(variant, report_of):
    checks = report_of(variant)
    kept = [c for c in variant.loses if checks[c]["score"] == checks[c]["max_score"]]
    assert not kept, f"{variant.summary} Yet {', '.join(kept)} lost nothing."


def test_every_check_catches_a_mistake():
    caught = {check for variant in VARIANTS for check in variant.loses}
    assert set(CHECKS) - caught == set()
    assert caught - set(CHECKS) == set()


def test_there_are_many_mistakes_with_names_of_their_own():
    assert len(VARIANTS) >= 100
    assert [name for name, count in Counter(v.id for v in VARIANTS).items() if count > 1] == []


def test_every_mistake_is_described():
    for variant in VARIANTS:
        if len(variant.changes) == 1:
            function = variant.changes[0].function.replace(".__init__", ".init")
            assert variant.id.split("__")[0] == function, variant.id
        assert variant.loses, variant.id
        assert variant.theme, variant.id
        assert variant.summary.endswith("."), variant.id


def test_every_mistake_has_hints_of_three_levels():
    for variant in VARIANTS:
        assert variant.nudge.endswith("?"), variant.id
        assert variant.pointer.endswith("."), variant.id
        assert variant.explanation.endswith("."), variant.id
        assert len(variant.nudge) <= 100, variant.id
        assert len(variant.pointer) <= 140, variant.id
        assert len(variant.explanation) <= 280, variant.id
