"""The trainings of a report as a page shows them, each beside the reference's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.pages.texts import rough

_LARGEST = 1e100  # beyond, differences and logarithms of losses overflow


@dataclass(frozen=True)
class Map:
    """Which class a model sees where."""

    x: tuple[float, float]
    y: tuple[float, float]
    classes: tuple[str, ...]
    """A row for each y from the lowest on, a digit for each x."""
    points: tuple[tuple[float, float, int], ...]
    """Some of the examples: x, y, class."""

    def agreement(self, other: Map) -> float | None:
        """Share of the places on which two maps say the same; None if they are not of the same places."""
        mine, theirs = "".join(self.classes), "".join(other.classes)
        if len(mine) != len(theirs):
            return None
        return sum(a == b for a, b in zip(mine, theirs, strict=True)) / len(mine)


@dataclass(frozen=True)
class Training:
    """One model, as far as a page shows it."""

    value: str
    curve: tuple[float, ...]
    map: Map | None


@dataclass(frozen=True)
class TrainingView:
    """A training task: what the submission's model came to, and the reference's.

    It is the model of the student's own chain, if that could be trained: it is what the student sees at home.
    """

    check: str
    task: str
    metric: str
    target: str
    """What students are told to reach."""
    share: float
    """Of the points."""
    starts: int
    own: Training
    reference: Training | None
    replaced: tuple[str, ...] = ()
    """Pieces of the reference's that this model was made with."""
    counted: str = ""
    """What the model came to that counts, where that was made with pieces of the reference's and is not shown."""

    @property
    def agreement(self) -> float | None:
        """On which share of the plane both models see the same class."""
        if not self.own.map or not self.reference or not self.reference.map:
            return None
        return self.own.map.agreement(self.reference.map)


Reference = Mapping[tuple[str, str], Mapping[str, Any]]
"""The reference's records by check and task."""


def training_views(
    report: Mapping[str, Any], reference: Reference, shown: Collection[str]
) -> tuple[TrainingView, ...]:
    """The trainings of these checks, of several starts the one that earned most."""
    checks = {check["id"]: check for check in report["checks"]}
    found: dict[tuple[str, str], tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]] = {}
    for record in report["training"]:
        if record["check"] in shown:
            both = found.setdefault((record["check"], record["task"]), ([], []))
            both[bool(record.get("with_reference"))].append(record)
    views = []
    for key, (mine, aided) in found.items():
        records = mine or aided
        best = best_of(records)
        note = checks[key[0]]["follow_through"] or {}
        views.append(
            TrainingView(
                check=key[0],
                task=key[1],
                metric=best["metric"],
                target=rough(best["target"]) if "target" in best else "",
                share=float(best.get("share", 0.0)),
                starts=len(records),
                own=_training(best),
                reference=_training(reference[key]) if key in reference else None,
                replaced=tuple(note.get("replaced", ())) if aided else (),
                counted=rough(best_of(aided)["value"]) if mine and aided else "",
            )
        )
    return tuple(views)


def best_of(records: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Of several starts the one that earned most, of equal ones the first."""
    return max(records, key=lambda record: float(record.get("share", 0.0)))


def _training(record: Mapping[str, Any]) -> Training:
    return Training(rough(record["value"]), _curve(record.get("loss_curve", ())), _map(record.get("map")))


def _curve(values: Iterable[Any]) -> tuple[float, ...]:
    """Losses up to the first that cannot be drawn: from there on the training had fallen apart."""
    curve = []
    for value in values:
        number = float(value)
        if not abs(number) < _LARGEST:
            break
        curve.append(number if abs(number) > 1 / _LARGEST else 0.0)
    return tuple(curve)


def _map(record: Mapping[str, Any] | None) -> Map | None:
    if not record:
        return None
    points = record.get("points", {"x": (), "y": (), "classes": ""})
    return Map(
        x=tuple(record["x"]),
        y=tuple(record["y"]),
        classes=tuple(record["classes"]),
        points=tuple(zip(points["x"], points["y"], map(int, points["classes"]), strict=True)),
    )
