"""``grade.py similar SUBMISSIONS``: pairs whose code is alike, side by side."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import tempfile
import textwrap
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.cells import set_cell_size

from autograder.assignment.load import load
from autograder.cli.output import show
from autograder.course.find import choose, find
from autograder.course.names import shown
from autograder.course.similar import (
    ALIKE,
    LONG,
    Findings,
    Pair,
    Place,
    Source,
    blocks,
    find_pairs,
    handed_out,
    source,
)
from autograder.errors import InvalidSubmission, UsageError
from autograder.intake.read import read
from autograder.model.assignment import Assignment
from autograder.model.attempt import Attempt

CAVEAT = (
    "Similar code is a reason to look, and no proof: a book, a lecture or work that was allowed to be done together "
    "makes code similar, too, and nobody can tell from it who was first. Nothing here enters a grade."
)
_PAIRS, _PASSAGES, _LINES = 10, 3, 12  # shown on the terminal; the file of --json has all places


def run(arguments: argparse.Namespace) -> int:
    """Print the pairs, and write them to a file with ``arguments.json``; return the exit status.

    Raises
    ------
    UsageError
        If there are no submissions, or the file cannot be written.
    """
    assignment = load(Path(arguments.assignment))
    with tempfile.TemporaryDirectory(prefix="similar-") as unpacked:
        found = choose(find(Path(arguments.submissions), assignment, unpack=Path(unpacked)), "latest")
        sources, notes = read_all(found.attempts, assignment)
    if not found.attempts:
        raise UsageError(f"no submission was found in {arguments.submissions}.")
    sources += known(assignment)
    findings = find_pairs(sources, handed_out(assignment.template))
    findings = dataclasses.replace(findings, notes=(*notes, *findings.notes, *found.unassigned))
    if arguments.json:
        try:
            with open(arguments.json, "w", encoding="utf-8") as file:
                json.dump(to_plain(findings), file, indent=1)
                file.write("\n")
        except OSError as error:
            raise UsageError(
                f"{arguments.json} cannot be written ({error.strerror}); name another file."
            ) from error
    text = render(findings, sources, shutil.get_terminal_size((120, 24)).columns)
    show(text)
    return 0


def read_all(attempts: Sequence[Attempt], assignment: Assignment) -> tuple[list[Source], list[str]]:
    """The code of each submission, one that a group handed in once, and what cannot be compared."""
    by_path: dict[Path, list[str]] = defaultdict(list)
    for attempt in attempts:
        by_path[attempt.path].append(attempt.student.id)
    sources, notes = [], []
    for path, students in by_path.items():
        name = " + ".join(students)
        try:
            submission = read(path, assignment)
        except (InvalidSubmission, UsageError) as error:
            notes.append(f"{name}: not compared. {error}")
        else:
            sources.append(source(submission, name))
    return sources, notes


def known(assignment: Assignment) -> list[Source]:
    """The solutions that come with the homework."""
    reference = assignment.reference
    solution = tuple(blocks(reference.name, reference.read_bytes()))
    found = [Source("the reference", solution, is_known=True)]
    folders = sorted(p for p in assignment.correct.iterdir() if p.is_dir()) if assignment.correct else []
    return found + [
        source(read(p, assignment), f"the known solution {p.name}", is_known=True) for p in folders
    ]


def to_plain(findings: Findings) -> dict[str, Any]:
    """For JSON; says first what it is worth."""
    return {"caveat": CAVEAT, **dataclasses.asdict(findings)}


def render(findings: Findings, sources: Sequence[Source], width: int) -> str:
    """For a terminal: all pairs in a table, then the weightiest passages of the first ones."""
    by_name = {source.name: source for source in sources}
    return "\n".join(_lines(findings, by_name, max(width, 60)))


def _lines(findings: Findings, sources: dict[str, Source], width: int) -> Iterator[str]:
    yield f"{findings.compared} submissions were compared with one another and with the known solutions."
    yield f"Half of all pairs share at most {findings.usual:.0%} of what is not common to many."
    yield f"Listed is what shares {findings.threshold:.0%}, or one long passage (a weight of {LONG:.0f})."
    yield from textwrap.wrap(CAVEAT, width)
    yield ""
    if findings.pairs:
        names = max(len(_title(pair)) for pair in findings.pairs)
        yield f"{'share':>6}  {'pair':<{names}}  {'of the one':>10}  {'of the other':>12}  {'longest passage':>15}"
        for pair in findings.pairs:
            longest = f"{pair.passages[0].weight:.0f}" if pair.passages else ""
            yield (
                f"{pair.share:>6.0%}  {_title(pair):<{names}}  {pair.left_share:>10.0%}  {pair.right_share:>12.0%}"
                f"  {longest:>15}"
            )
    elif not findings.common:
        yield "No pair stands out."
    if findings.common:
        text = (
            f"{len(findings.common)} submissions share {ALIKE:.0%} of their code or more with one another. What so "
            f"many hold is counted as common, so they are no pairs for it: {', '.join(map(shown, findings.common))}."
        )
        yield from ("", *textwrap.wrap(text, width))
    for pair in findings.pairs[:_PAIRS]:
        yield from ("", f"{_title(pair)}: {pair.share:.0%}")
        for passage in pair.passages[:_PASSAGES]:
            yield ""
            yield from _side_by_side(
                (sources[pair.left], passage.left), (sources[pair.right], passage.right), (width - 3) // 2
            )
        more = len(pair.passages) - _PASSAGES
        if more > 0:
            yield f"({more} more passage{'s' * (more > 1)})"
    if len(findings.pairs) > _PAIRS:
        yield from ("", f"Passages of the other {len(findings.pairs) - _PAIRS} pairs: --json OUT.")
    if findings.notes:
        yield from ("", *(shown(note, 300) for note in findings.notes))


def _title(pair: Pair) -> str:
    return f"{shown(pair.left)}, {shown(pair.right)}"


def _side_by_side(left: tuple[Source, Place], right: tuple[Source, Place], width: int) -> Iterator[str]:
    columns = [_excerpt(*side) for side in (left, right)]
    for at in range(min(max(map(len, columns)), _LINES + 1)):
        cells = (set_cell_size(column[at] if at < len(column) else "", width) for column in columns)
        yield " | ".join(cells).rstrip()
    if max(map(len, columns)) > _LINES + 1:
        yield "..."


def _excerpt(source: Source, place: Place) -> list[str]:
    """Where it is, and the numbered lines, without what they are all indented by."""
    text = next(b.text for b in source.blocks if (b.file, b.cell) == (place.file, place.cell))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[place.first - 1 : place.last]
    lines = [line.expandtabs(4) for line in lines]
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    cell = "" if place.cell is None else f", cell {place.cell}"
    head = f"{source.name}: {place.file}{cell}, {place.first}-{place.last}"
    numbered = (f"{n:>5}  {line[margin:]}" for n, line in enumerate(lines, place.first))
    # From a submission: it must not move the cursor.
    return ["".join(c if c.isprintable() else "?" for c in line) for line in (head, *numbered)]
