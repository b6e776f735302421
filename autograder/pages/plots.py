"""Draws what pages show: loss curves, decision maps, the distribution of scores, the heat map of a class.

With matplotlib's figures and nothing of pyplot, so that no state is kept.  Ticks are few and set by hand: to find them
is most of what a plot costs, and a class has thousands.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from autograder.pages.svg import INKS, to_svg
from autograder.pages.texts import points, rough
from autograder.pages.trainings import Map

_MARKERS = "os^Dv<>phX"
_LOG_FROM = 1.5
"""Curves that span more powers of ten than this are drawn on a logarithmic scale."""
_SIZE = 9
_WIDE = 10.0
"""Inches of what is as wide as the page of a class."""


def loss_curves(name: str, own: Sequence[float], reference: Sequence[float], task: str) -> Markup:
    """The losses of two trainings, value by value; the student's is the solid line."""
    curves = [np.asarray(curve, dtype=float) for curve in (own, reference)]
    together = np.concatenate(curves)
    low, high = float(together.min()), float(together.max())
    is_log = low > 0 and math.log10(high) - math.log10(low) > _LOG_FROM
    figure, axes = _figure(4.3, 2.1, (0.115, 0.115, 0.87, 0.83))
    styles: tuple[dict[str, Any], ...] = (
        {"color": INKS["yours"], "linewidth": 2.2},
        {"color": INKS["reference"], "dashes": (4, 2.5)},
    )
    for curve, style in list(zip(curves, styles, strict=True))[::-1]:
        if len(curve):
            axes.plot(np.arange(1, len(curve) + 1), np.log10(curve) if is_log else curve, **style)
    ends = axes.get_ylim()
    ticks = _powers(*ends) if is_log else _round_ticks(low, high)
    axes.set_yticks(ticks, labels=[f"{10.0**t:g}" if is_log else f"{t:g}" for t in ticks])
    axes.set_ylim(*ends)
    count = max(map(len, curves))
    axes.set_xticks([1, count] if count > 1 else [1])
    _plain(axes)
    said = [_said(who, curve) for who, curve in zip(("Yours", "The reference's"), curves, strict=True)]
    scale = " The scale is logarithmic." if is_log else ""
    return to_svg(figure, name, f"Loss during training, {task}", " ".join(said) + scale)


def _said(who: str, curve: np.ndarray) -> str:
    if not len(curve):
        return f"{who} was not recorded."
    return f"{who} goes from {rough(float(curve[0]))} to {rough(float(curve[-1]))}, {len(curve)} values."


def decision_map(name: str, seen: Map, whose: str, task: str) -> Markup:
    """Which class a model sees where, with some of the examples; classes have colours and markers."""
    figure, axes = _figure(2.1, 2.1, (0.005, 0.005, 0.99, 0.99))
    labels = np.array([[int(digit) for digit in row] for row in seen.classes])
    x, y = np.linspace(*seen.x, labels.shape[1]), np.linspace(*seen.y, labels.shape[0])
    for k in np.unique(labels):
        axes.contourf(x, y, labels == k, levels=[0.5, 1.5], colors=[INKS[f"class{k}"]])
    placed = np.array(seen.points).reshape(-1, 3)
    large = 7 if len(placed) < 10 else 3.2
    for k in np.unique(placed[:, 2]).astype(int):
        mine = placed[placed[:, 2] == k]
        style: dict[str, Any] = {
            "markerfacecolor": INKS["paper"],
            "markeredgecolor": INKS["ink"],
            "markeredgewidth": 0.7,
        }
        axes.plot(mine[:, 0], mine[:, 1], _MARKERS[k], markersize=large, **style)
    axes.set_xlim(*seen.x)
    axes.set_ylim(*seen.y)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(INKS["rule"])
    shares = [f"class {k} on {np.mean(labels == k):.0%}" for k in np.unique(labels)]
    return to_svg(figure, name, f"Decision map, {task}: {whose}", f"It sees {', '.join(shares)} of the area.")


def distribution(name: str, scores: Sequence[float], max_score: float) -> Markup:
    """How many submissions have which score, in twenty steps."""
    figure, axes = _figure(_WIDE, 2.2, (0.035, 0.12, 0.945, 0.82))
    counts, edges = np.histogram(np.clip(scores, 0, max_score), bins=20, range=(0, max_score or 1))
    width = edges[1] - edges[0]
    axes.bar(edges[:-1] + width / 2, counts, 0.86 * width, color=INKS["yours"])
    middle = float(np.median(scores))
    axes.axvline(middle, color=INKS["ink"], linewidth=1, dashes=(2, 2))
    # Beside the line, on the side where there is room.
    left = middle > 0.8 * max_score
    label = f"median {points(middle)} " if left else f" median {points(middle)}"
    axes.text(
        middle,
        1.14 * counts.max(),
        label,
        size=_SIZE,
        color=INKS["ink"],
        ha="right" if left else "left",
        va="top",
    )
    axes.set_xlim(0, max_score or 1)
    axes.set_ylim(0, 1.15 * counts.max())
    steps = np.linspace(0, max_score or 1, 6)
    axes.set_xticks(steps, labels=[points(float(s)) for s in steps])
    axes.set_yticks([int(counts.max())])
    _plain(axes)
    said = ", ".join(
        f"{points(float(low))} to {points(float(high))}: {count}"
        for (low, high), count in zip(pairwise(edges), counts, strict=True)
        if count
    )
    return to_svg(figure, name, f"Distribution of {len(scores)} scores", f"Students by points: {said}.")


def heat_map(
    name: str, cells: np.ndarray, checks: Sequence[str], groups: Sequence[tuple[str, int]], description: str
) -> Markup:
    """Students by checks: what was lost, in four tones.

    Parameters
    ----------
    cells : ndarray of int, shape (students, checks)
        0 right, 1 partly right, 2 not right, 3 not written, 4 not judged.
    checks : sequence of str
        Ids, below the columns.
    groups : sequence of (str, int)
        Parts, and how many checks each has.
    description : str
        What a screen reader says in its place.

    Notes
    -----
    Each tone is one path in which neighbours that are alike are one rectangle: four elements, however large the class.
    """
    rows, columns = cells.shape
    height, below = min(max(1.0, 0.16 * rows), 8.0), 0.2 + 0.064 * max(map(len, checks))
    total = height + below + 0.25
    figure, axes = _figure(_WIDE, total, (0.0, below / total, 1.0, height / total))
    for status, ink in ((1, "partial"), (2, "bad"), (3, "missing"), (4, "rule")):
        path = _rectangles(cells == status)
        if path is not None:
            axes.add_patch(PathPatch(path, facecolor=INKS[ink], edgecolor="none", linewidth=0))
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)
    at = 0
    for title, count in groups:
        room = int(count / columns * _WIDE * 72 / (0.56 * _SIZE))
        label = title if len(title) <= room else title[: max(room - 1, 0)] + "…"
        above: dict[str, Any] = {"ha": "left", "va": "bottom", "parse_math": False}
        axes.text(at, -0.06 * rows / height, label, size=_SIZE, color=INKS["muted"], **above)
        if at:
            axes.axvline(at, color=INKS["paper"], linewidth=2)
        at += count
    axes.set_xticks(np.arange(columns) + 0.5, labels=checks, rotation=90, parse_math=False)
    axes.tick_params(length=0, labelsize=min(7.5, 0.8 * _WIDE * 72 / columns), labelcolor=INKS["muted"])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(INKS["rule"])
    return to_svg(figure, name, f"{rows} students by {columns} checks", description)


def _rectangles(cells: np.ndarray) -> Path | None:
    """One path around all cells that are set; each run down a column is one rectangle."""
    padded = np.zeros((cells.shape[0] + 2, cells.shape[1]), dtype=np.int8)
    padded[1:-1] = cells
    steps = np.diff(padded, axis=0).T
    columns, tops = np.nonzero(steps == 1)
    bottoms = np.nonzero(steps == -1)[1]
    if not len(columns):
        return None
    left, right = columns + 0.04, columns + 0.96
    corners = [(left, tops), (right, tops), (right, bottoms), (left, bottoms), (left, tops)]
    vertices = np.stack([np.stack(corner, axis=1) for corner in corners], axis=1).reshape(-1, 2)
    codes = np.tile([Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY], len(columns))
    return Path(vertices, codes)


def _figure(width: float, height: float, box: tuple[float, float, float, float]) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height))
    return figure, figure.add_axes(box)


def _plain(axes: Axes) -> None:
    """Only the labels and a line below: the data is what is to be seen."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(INKS["rule"])
    axes.tick_params(length=0, labelsize=_SIZE, labelcolor=INKS["muted"])


def _powers(low: float, high: float) -> list[int]:
    """At most four whole exponents within a range."""
    first, last = math.ceil(low), math.floor(high)
    return list(range(first, last + 1, max(1, math.ceil((last - first + 1) / 4))))


def _round_ticks(low: float, high: float) -> list[float]:
    """About three round numbers within a range."""
    if not high > low:
        return [low]
    step = 10 ** math.floor(math.log10(high - low))
    for factor in (0.2, 0.5, 1, 2, 5):
        first = math.ceil(low / (factor * step)) * factor * step
        found = [first + i * factor * step for i in range(int((high - first) / (factor * step)) + 1)]
        if len(found) <= 4:
            return [round(tick, 12) for tick in found]
    return [low, high]
