"""Finds pairs of submissions that share unusually much code.

**Similarity is a reason to look, and no proof of anything.**  Two students may have learned from one book, worked
together where that is allowed, or had one idea; who had it first cannot be seen.  Nothing here enters a grade.

Sources are compared by their `fingerprints`; those of the handout are left out.  Each counts the more the fewer
*other* sources hold it: ``return X @ W + b`` is in many, hence no evidence.  The share of a pair is the part of the
smaller one's fingerprints, so weighted, that the other holds too.  What is known beforehand (the reference, correct
styles, earlier classes) counts among the others and is compared with each submission as well: in a small class it
tells what anybody would write.

Notes
-----
This is k-gram fingerprinting (Schleimer, Wilkerson, Aiken 2003, Winnowing: Local Algorithms for Document
Fingerprinting) without its thinning, which a class does not need, with the inverse document frequency of
information retrieval as weight (Spärck Jones 1972).  How well it does, and where `THRESHOLD` comes from:
``docs/similarity.md``.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]

from autograder.course.fingerprints import Fingerprints, defined, fingerprints
from autograder.intake import notebook
from autograder.model.submission import Submission

THRESHOLD = 0.25
"""Share from which a pair is listed; this and the next number are chosen from ``docs/similarity.md``."""
LONG = 40.0
"""Weight of a passage from which a pair is listed, whatever its share: one function may be all that was taken."""
COMMON = 0.3
"""Part of the other sources from which on a fingerprint is no evidence at all."""
ALIKE = 0.8
"""Share of all code, common or not, from which two sources are alike whatever the others hold; of the reference and the
correct styles no two share more than 0.42."""
SMALLEST = 150.0
"""A share is one of at least so much: of less, some lines that are alike by chance would be a large part."""
LOOKED_THROUGH = 200
"""Pairs from the threshold on of which passages are looked up, and pairs below it that may have a long one."""

_MOST_PLACES = 20  # of one fingerprint in a source: generated code repeats itself
_LEAST_PASSAGE = 4.0
_GAP = 2  # lines between two stretches of one passage
_MAGIC = re.compile(r"^[ \t]*[%!?].*$|^.*\?[ \t]*$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A module, or one cell of a notebook."""

    file: str
    text: str
    cell: int | None = None
    """Counted from 1 among the code cells that are not empty."""


@dataclass(frozen=True)
class Source:
    """What is compared: all code of one student or group."""

    name: str
    blocks: tuple[Block, ...]
    is_known: bool = False
    """Known beforehand: compared with the submissions, but not with what else is known."""


@dataclass(frozen=True)
class Place:
    """Lines of a source."""

    file: str
    cell: int | None
    first: int
    """In the file, or in the cell, from 1."""
    last: int


@dataclass(frozen=True)
class Passage:
    """Code that two sources share."""

    left: Place
    right: Place
    weight: float
    """Sum of the weights of its fingerprints: its length, less what is common."""


@dataclass(frozen=True)
class Pair:
    """Two sources that share code."""

    left: str
    right: str
    share: float
    """Of the smaller one's code, what is common left out; 0 to 1."""
    left_share: float
    """Of `left`'s code."""
    right_share: float
    passages: tuple[Passage, ...]
    """The weightiest first; of the first pairs only, see `LOOKED_THROUGH`."""


@dataclass(frozen=True)
class Findings:
    """What came of a comparison."""

    pairs: tuple[Pair, ...]
    """Those from the threshold on or with a long passage, the most similar first."""
    threshold: float
    compared: int
    """Number of submissions, without what is known beforehand."""
    usual: float
    """Median share over all pairs of submissions."""
    common: tuple[str, ...] = ()
    """Submissions that are as good as alike, and in no pair for it, since what so many hold counts as common."""
    notes: tuple[str, ...] = ()
    """What was not compared, in sentences."""


def source(submission: Submission, name: str, *, is_known: bool = False) -> Source:
    """All code of a submission: the file that counts, and the modules beside it."""
    others = [p for p in sorted(submission.files) if p.lower().endswith(".py") and p != submission.entry]
    paths = (submission.entry, *others)
    return Source(name, tuple(b for p in paths for b in blocks(p, submission.files[p])), is_known)


def handed_out(folder: Path) -> tuple[Block, ...]:
    """All code in the folder that students start from."""
    paths = sorted(p for p in folder.rglob("*") if p.suffix in (".py", ".ipynb"))
    return tuple(b for p in paths for b in blocks(p.name, p.read_bytes()))


def blocks(file: str, raw: bytes) -> list[Block]:
    """The code of a file, in whatever encoding; nothing of a notebook that cannot be read."""
    if file.lower().endswith(".ipynb"):
        cells = notebook.code_cells(raw) or []
        return [Block(file, _MAGIC.sub("", text), number) for number, text in enumerate(cells, 1)]
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return [Block(file, raw.decode("utf-16", "replace"))]
    try:
        text = raw.decode(tokenize.detect_encoding(io.BytesIO(raw).readline)[0], "replace")
    except (SyntaxError, LookupError, ValueError):  # none is named that exists, or that is for texts
        text = raw.decode("utf-8", "replace")
    return [Block(file, text)]


def find_pairs(
    sources: Sequence[Source],
    handout: Sequence[Block],
    *,
    threshold: float = THRESHOLD,
    looked_through: int = LOOKED_THROUGH,
) -> Findings:
    """Compare submissions with one another and with what is known beforehand.

    Parameters
    ----------
    sources : sequence of Source
        One per student or group: two attempts of one student would be found alike.
    handout : sequence of Block
        Code that everybody was given; it is left out.
    threshold : float
        Share from which a pair is listed.
    looked_through : int
        How many pairs are looked through for passages, see `LOOKED_THROUGH`.

    Notes
    -----
    No text is compared with all others: a fingerprint leads to the sources that hold it.  What a copyist writes
    anew line by line is not seen.  Code that more than `COMMON` of all sources hold is no evidence, be it since all of
    them copied it: such sources are named apart, and are a pair with what is known beforehand all the same.
    """
    names = frozenset[str]().union(*(defined(block.text) for block in handout))
    given = fingerprints([block.text for block in handout], names).values
    prints = [fingerprints([b.text for b in s.blocks], names).without(given) for s in sources]
    index = _Index(prints)
    is_known = np.array([s.is_known for s in sources], bool)
    pairs, common = _with_alike(
        sources, prints, index, list(_listed(sources, prints, index, threshold, looked_through))
    )
    students = int(np.sum(~is_known))
    shares = index.shares[~is_known[index.left] & ~is_known[index.right]]
    usual = _median(shares, students * (students - 1) // 2)
    cut = (s.name for s, p in zip(sources, prints, strict=True) if p.is_cut)
    notes = (f"{name}: only the beginning of its code was compared." for name in cut)
    return Findings(pairs, threshold, students, usual, common, tuple(notes))


def _listed(
    sources: Sequence[Source],
    prints: Sequence[Fingerprints],
    index: _Index,
    threshold: float,
    looked_through: int,
) -> Iterator[Pair]:
    """The pairs that stand out, the most similar first."""
    above = below = 0
    for at in np.argsort(-index.shares, kind="stable"):
        i, j = sorted((int(index.left[at]), int(index.right[at])), key=lambda k: sources[k].is_known)
        if sources[i].is_known:
            continue
        is_much = bool(index.shares[at] >= threshold)
        above, below = above + is_much, below + (not is_much)
        if below > looked_through:
            return
        passages: tuple[Passage, ...] = ()
        if below or above <= looked_through:
            passages = _passages((sources[i], prints[i]), (sources[j], prints[j]), index.both(i, j))
        if is_much or (passages and passages[0].weight >= LONG):
            of_each = [float(index.shared[at] / max(index.totals[k], SMALLEST)) for k in (i, j)]
            share, left, right = (round(part, 4) for part in (float(index.shares[at]), *of_each))
            yield Pair(sources[i].name, sources[j].name, share, left, right, passages)


def _with_alike(
    sources: Sequence[Source], prints: Sequence[Fingerprints], index: _Index, pairs: list[Pair]
) -> tuple[tuple[Pair, ...], tuple[str, ...]]:
    """The pairs, with those of a submission that is like a known solution; and what else is alike."""
    listed, common = {(pair.left, pair.right) for pair in pairs}, set[int]()
    for i, j, shared in index.alike():
        i, j = sorted((i, j), key=lambda k: sources[k].is_known)
        if sources[i].is_known or (sources[i].name, sources[j].name) in listed:
            continue
        if not sources[j].is_known:
            common |= {i, j}
            continue
        left, right = (round(shared / max(len(index.held[k]), SMALLEST), 4) for k in (i, j))
        worth = dict.fromkeys(np.intersect1d(index.held[i], index.held[j]).tolist(), 1.0)
        passages = _passages((sources[i], prints[i]), (sources[j], prints[j]), worth)
        pairs.append(Pair(sources[i].name, sources[j].name, max(left, right), left, right, passages))
    ordered = sorted(pairs, key=lambda pair: -pair.share)
    return tuple(ordered), tuple(sources[i].name for i in sorted(common))


class _Index:
    """Which sources hold which fingerprint, what that is worth, and what each two share."""

    def __init__(self, prints: Sequence[Fingerprints]) -> None:
        self.held = [np.unique(p.values) for p in prints]
        self.values, column, count = np.unique(
            np.concatenate([np.empty(0, np.uint64), *self.held]), return_inverse=True, return_counts=True
        )
        self.weights = _weights(count, len(prints))
        row = np.repeat(np.arange(len(prints)), [len(h) for h in self.held])
        self.totals = np.asarray(np.bincount(row, self.weights[column], len(prints)), np.float64)
        # What one source alone holds, or many, leads to no pair: most of the work is saved here.
        is_evidence = (count[column] > 1) & (self.weights[column] > 0)
        row, column = row[is_evidence], column[is_evidence]
        shape = (len(prints), len(self.values))
        weighted = sparse.csr_array((self.weights[column], (row, column)), shape)
        product = sparse.triu(weighted @ (weighted > 0).T, k=1).tocoo()
        self.left, self.right, self.shared = product.row, product.col, product.data
        smaller = np.minimum(self.totals[self.left], self.totals[self.right])
        self.shares: NDArray[np.float64] = self.shared / np.maximum(smaller, SMALLEST)

    def alike(self) -> Iterator[tuple[int, int, int]]:
        """Pairs that share at least `ALIKE` of all code of the smaller one, with the number of fingerprints shared."""
        sizes = np.array([len(h) for h in self.held], np.int64)
        row = np.repeat(np.arange(len(self.held)), sizes)
        column = np.searchsorted(self.values, np.concatenate([np.empty(0, np.uint64), *self.held]))
        holds = sparse.csr_array((np.ones(len(row), np.int32), (row, column)), (len(sizes), len(self.values)))
        both = sparse.triu(holds @ holds.T, k=1).tocoo()
        smaller = np.maximum(np.minimum(sizes[both.row], sizes[both.col]), SMALLEST)
        for at in np.flatnonzero(both.data >= ALIKE * smaller):
            yield int(both.row[at]), int(both.col[at]), int(both.data[at])

    def both(self, i: int, j: int) -> dict[int, float]:
        """The fingerprints that two sources hold, and what they are worth if that is anything."""
        values = np.intersect1d(self.held[i], self.held[j])
        weights = self.weights[np.searchsorted(self.values, values)]
        return {int(v): float(w) for v, w in zip(values, weights, strict=True) if w > 0}


def _weights(count: NDArray[np.int64], sources: int) -> NDArray[np.float64]:
    """What a fingerprint is worth that `count` of the sources hold: 1 if only a pair does, 0 from `COMMON` on.

    It is the logarithm of how surprising it is that a source holds it, judged by all sources but a pair.
    """
    least = 0.5 / max(sources - 1, 1)
    if least >= COMMON:  # too few sources to tell
        return np.asarray(count <= 2, np.float64)
    chance = (np.maximum(count - 2, 0) + 0.5) / (sources - 1)
    return np.asarray(np.clip(np.log(COMMON / chance) / np.log(COMMON / least), 0.0, 1.0), np.float64)


def _median(shares: NDArray[np.float64], pairs: int) -> float:
    """Median over all pairs; those without a share in the list have none."""
    return round(float(np.median(np.append(shares, np.zeros(pairs - len(shares))))), 4) if pairs else 0.0


_Read = tuple[Source, Fingerprints]
_Stretch = tuple[Place, Place, float]


def _passages(left: _Read, right: _Read, worth: Mapping[int, float]) -> tuple[Passage, ...]:
    """Where two sources hold the same fingerprints, neighbours joined."""
    joined: list[_Stretch] = []
    for p, q, weight in _stretches(left, right, worth):
        if joined and _goes_on(joined[-1][0], p) and _goes_on(joined[-1][1], q):
            before = joined.pop()
            p, q, weight = _join(before[0], p), _join(before[1], q), before[2] + weight
        joined.append((p, q, weight))
    passages = [Passage(p, q, round(weight, 1)) for p, q, weight in joined if weight >= _LEAST_PASSAGE]
    return tuple(sorted(passages, key=lambda passage: -passage.weight))


def _stretches(left: _Read, right: _Read, worth: Mapping[int, float]) -> Iterator[_Stretch]:
    """Equal sequences of fingerprints: from each place on the left, the longest that is free on the right."""
    a, b = left[1].values.tolist(), right[1].values.tolist()
    ends = [np.searchsorted(p.text, p.text, side="right").tolist() for _, p in (left, right)]
    places: dict[int, list[int]] = defaultdict(list)
    for j, value in enumerate(b):
        if value in worth and len(places[value]) < _MOST_PLACES:
            places[value].append(j)
    used: set[int] = set()

    def length(i: int, j: int) -> int:
        most = min(ends[0][i] - i, ends[1][j] - j)
        differs = (k for k in range(most) if a[i + k] != b[j + k] or a[i + k] not in worth or j + k in used)
        return next(differs, most)

    i = 0
    while i < len(a):
        best = max(places.get(a[i], ()), key=lambda j: length(i, j), default=0)
        size = length(i, best) if a[i] in places else 0
        if size:
            used.update(range(best, best + size))
            weight = sum(worth[value] for value in set(a[i : i + size]))  # a table of numbers is one of them
            yield _place(left, i, size), _place(right, best, size), weight
        i += max(size, 1)


def _place(read: _Read, start: int, size: int) -> Place:
    source, prints = read
    block = source.blocks[int(prints.text[start])]
    return Place(block.file, block.cell, int(prints.first[start]), int(prints.last[start + size - 1]))


def _goes_on(before: Place, place: Place) -> bool:
    is_same = (before.file, before.cell) == (place.file, place.cell)
    return is_same and before.first <= place.first <= before.last + _GAP


def _join(before: Place, place: Place) -> Place:
    return Place(before.file, before.cell, before.first, max(before.last, place.last))
