"""The rubric file as checked values."""

from __future__ import annotations

import math
import re
from collections import Counter
from datetime import datetime
from typing import Any

from autograder.assignment.fields import Table
from autograder.errors import GraderFault
from autograder.model.late import GRACE, HOOK, NONE, PER_DAY, POLICIES, LatePolicy
from autograder.model.mistake import LEVELS
from autograder.model.rubric import FollowThrough, Limits, ManualItem, Part, Rubric, RubricCheck, Tolerance

VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")
_MB = 1 << 20
_LATE = {PER_DAY: {"per_day", "most"}, GRACE: {"grace_hours", "per_day", "most"}, HOOK: {"hook"}}
"""For each late policy the entries that mean something in it, beside ``due``."""


def read_rubric(content: dict[str, Any], where: str) -> Rubric:
    """Turn the parsed rubric file into a `Rubric`.

    Raises
    ------
    GraderFault
        If an entry is missing, unknown, mistyped or doubled.
    """
    table = Table(content, where)
    timeout_s = table.number("timeout_s", 10.0, least=0.1)
    parts, checks = [], []
    for part in table.tables("parts"):
        part_id = part.text("id")
        part.where = f"{where}: part '{part_id}'"
        parts.append(Part(part_id, part.text("title"), part.truth("bonus", False)))
        for check in part.tables("checks"):
            checks.append(_check(check, part_id, timeout_s, part.where))
        part.done()
    manual = tuple(_manual(item) for item in table.tables("manual"))
    for kind, ids in (
        ("part", [p.id for p in parts]),
        ("check", [c.id for c in checks]),
        ("manual item", [m.id for m in manual]),
    ):
        doubled = [i for i, count in Counter(ids).items() if count > 1]
        if doubled:
            raise GraderFault(f"{where}: the {kind} '{doubled[0]}' stands there twice.")
    diagnosis = table.table("diagnosis")
    hints, undiagnosed = diagnosis.text("hints", "pointer", among=LEVELS), diagnosis.texts("leave_out")
    pairs = diagnosis.texts("pairs")
    diagnosis.done()
    for check_id in undiagnosed:
        if check_id not in {c.id for c in checks}:
            raise GraderFault(f"{diagnosis.where}: there is no check '{check_id}'.")
    for name in pairs:
        if name not in {c.id.partition(".")[0] for c in checks}:
            raise GraderFault(f"{diagnosis.where}: there is no check of '{name}'.")
    tolerances = {name: _tolerance(item) for name, item in table.named_tables("tolerances").items()}
    rubric = Rubric(
        parts=tuple(parts),
        checks=tuple(checks),
        manual=manual,
        tolerances=tolerances,
        limits=_limits(table.table("limits")),
        follow_through=_follow_through(table.table("follow_through"), checks),
        refused_packages=table.texts("refused_packages"),
        hints=hints,
        pairs=pairs,
        undiagnosed=undiagnosed,
        training={name: _numbers(item) for name, item in table.named_tables("training").items()},
        late=_late(table.table("late")),
    )
    table.done()
    if not rubric.max_score:
        raise GraderFault(f"{where}: there is nothing to earn; write [[parts]] with [[parts.checks]].")
    return rubric


def _check(table: Table, part: str, timeout_s: float, where: str) -> RubricCheck:
    check_id = table.text("id")
    table.where = f"{where}: check '{check_id}'"
    check = RubricCheck(
        id=check_id,
        part=part,
        title=table.text("title"),
        points=table.number("points"),
        visibility=table.text("visibility", "visible", among=VISIBILITIES),
        timeout_s=table.number("timeout_s", timeout_s, least=0.1),
    )
    table.done()
    if round(check.points, 2) != check.points:  # scores are given in hundredths
        raise GraderFault(f"{table.where}: points = {check.points:g} has more than two decimals.")
    return check


def _manual(table: Table) -> ManualItem:
    item = ManualItem(table.text("id"), table.text("title"), table.words("heading", ""))
    table.done()
    return item


def _tolerance(table: Table) -> Tolerance:
    tolerance = Tolerance(*(table.number(name) for name in ("rtol", "atol", "rtol_single", "atol_single")))
    table.done()
    return tolerance


def _numbers(table: Table) -> dict[str, float]:
    found = {name: table.number(name, least=-math.inf) for name in table.content}
    table.done()
    return found


def _follow_through(table: Table, checks: list[RubricCheck]) -> FollowThrough:
    credit = table.number("credit", 1.0)
    if credit > 1:
        raise GraderFault(f"{table.where}: credit is a share, at most 1.")
    pieces = {c.id.partition(".")[0] for c in checks}
    builds_on, own = table.table("builds_on"), table.table("own")
    found = FollowThrough(
        credit=credit,
        builds_on={name: builds_on.texts(name) for name in builds_on.content},
        own={name: own.texts(name) for name in own.content},
    )
    table.done()
    for where, named in ((builds_on.where, found.builds_on), (own.where, found.own)):
        for name in {*named, *(piece for group in named.values() for piece in group)} - pieces:
            raise GraderFault(f"{where}: there is no check of '{name}'.")
    for name in found.builds_on:
        if any(name in found.below(piece) for piece in found.below(name)):
            raise GraderFault(f"{builds_on.where}: '{name}' is made of itself.")
    return found


def _late(table: Table) -> LatePolicy:
    if not table.content:
        return LatePolicy()
    content = dict(table.content)
    due = content.pop("due", None)  # no kind of entry that `Table` knows
    table = Table(content, table.where)
    policy = table.text("policy", among=POLICIES)
    # Under "none" the other entries may stay, so that a policy can be switched off for a while.
    meaningless = set().union(*_LATE.values()) - _LATE[policy] if policy != NONE else set()
    for name in sorted(meaningless & content.keys()):
        raise GraderFault(f"{table.where}: {name} means nothing with policy = '{policy}'.")
    if policy != NONE and due is None:
        raise GraderFault(f"{table.where}: 'due' is missing.")
    if due is not None and not isinstance(due, datetime):  # a date alone leaves open which of its hours
        raise GraderFault(f"{table.where}: due must be a date and a time, like 2026-11-20T23:59:00.")
    late = LatePolicy(
        policy=policy,
        due=due,
        per_day=table.number("per_day", *(() if policy == PER_DAY else (100.0,))),
        grace_hours=table.number("grace_hours", *(() if policy == GRACE else (0.0,))),
        most=table.number("most", 100.0),
        hook=table.text("hook") if policy == HOOK else table.words("hook", ""),
    )
    table.done()
    for name in ("per_day", "most"):
        if getattr(late, name) > 100:
            raise GraderFault(f"{table.where}: {name} is given in percent, at most 100.")
    if late.hook and not re.fullmatch(r"(?!/)(?!.*\.\.)[^:\\]+\.py:[A-Za-z_]\w*", late.hook):
        raise GraderFault(f"{table.where}: hook must be 'file.py:function', in the assignment's folder.")
    return late


def default_limits() -> Limits:
    """What a submission may use where a rubric does not say otherwise."""
    return _limits(Table({}, "limits"))


def _limits(table: Table) -> Limits:
    limits = Limits(
        load_s=table.number("load_s", 60.0, least=0.1),
        cell_s=table.number("cell_s", 30.0, least=0.1),
        total_s=table.number("total_s", 300.0, least=1),
        cpu_s=int(table.number("cpu_s", 240, least=1)),
        memory_bytes=int(table.number("memory_mb", 2048, least=256)) * _MB,
        output_bytes=int(table.number("output_mb", 64, least=1)) * _MB,
        file_bytes=int(table.number("file_mb", 64, least=1)) * _MB,
        disk_bytes=int(table.number("disk_mb", 256, least=1)) * _MB,
        disk_files=int(table.number("disk_files", 5000, least=100)),
        open_files=int(table.number("open_files", 256, least=32)),
        processes=int(table.number("processes", 512, least=1)),
        restarts=int(table.number("restarts", 100)),
    )
    table.done()
    return limits
