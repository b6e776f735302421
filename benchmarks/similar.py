"""How well copies are told from independent work, and what that costs.

    python benchmarks/similar.py            print the tables of docs/similarity.md (three minutes)
    python benchmarks/similar.py --check    also exit with 1 if a limit is missed

Independent are the reference and the correct styles, also with their short functions written in one of three ways,
and with only the first functions of the homework.  Copies are disguised by `tests/autograder/course/made_copies.py`.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder.course.similar import LONG, THRESHOLD, Block, Source, find_pairs, handed_out  # noqa: E402
from tests.autograder.course import made_copies  # noqa: E402

HANDOUT = handed_out(ROOT / "student_template")
EVERYTHING = 10**6
NEVER = float("inf")
NOTHING_KNOWN = "5, nothing known"
LEAST = {"precision": 0.95, "whole copies": 0.99, "takes 50%": 0.95, "takes 25%": 0.75}
LIMITS_S = {200: 10.0, 1000: 60.0}
Found = dict[frozenset[str], tuple[float, float]]
"""For two names, the share and the weight of the weightiest passage."""
Figures = dict[str, list[tuple[float, float]]]
"""Shares and passages of pairs, by kind."""


def compare(
    texts: dict[str, str], known: dict[str, str] | None = None, looked_through: int = EVERYTHING
) -> Found:
    """All pairs of a class."""
    sources = [Source(name, (Block("mlp.py", text),)) for name, text in texts.items()]
    sources += [Source(name, (Block("mlp.py", text),), is_known=True) for name, text in (known or {}).items()]
    found = find_pairs(sources, HANDOUT, threshold=1e-9, looked_through=looked_through)
    return {
        frozenset((p.left, p.right)): (p.share, max((x.weight for x in p.passages), default=0.0))
        for p in found.pairs
    }


def independent(solutions: dict[str, str]) -> Figures:
    """Shares and passages of pairs that are no copies, by the kind of class."""
    names = list(solutions)
    fives = [names[start : start + 5] for start in (0, 4, 8)]
    classes: dict[str, list[tuple[dict[str, str], dict[str, str]]]] = {
        "all solutions": [(solutions, {})],
        "all, written alike": [(made_copies.alike(solutions, random.Random(seed)), {}) for seed in range(3)],
        "5, with known solutions": [
            ({n: solutions[n] for n in five}, {n: t for n, t in solutions.items() if n not in five})
            for five in fives
        ],
        NOTHING_KNOWN: [({n: solutions[n] for n in five}, {}) for five in fives],
    }
    for count in (5, 10, 20):
        part = {n: made_copies.first_functions(t, count) for n, t in solutions.items()}
        classes[f"first {count} functions"] = [(part, {})]
    figures: Figures = {}
    for kind, members in classes.items():
        figures[kind] = []
        for texts, known in members:
            found = compare(texts, known)
            pairs = [frozenset((a, b)) for i, a in enumerate(texts) for b in list(texts)[:i]]
            figures[kind] += [found.get(pair, (0.0, 0.0)) for pair in pairs]
    return figures


def copies(solutions: dict[str, str], *, in_five: bool) -> Figures:
    """Shares and passages of copies with their models, by the way of copying."""
    figures: Figures = {}
    names = list(solutions)
    for at, (name, text) in enumerate(solutions.items()):
        other = names[(at + 5) % len(names)]
        made = {way: change(text, random.Random(f"{way} {name}")) for way, change in made_copies.WAYS.items()}
        for part in (0.5, 0.25, 0.1):
            taken = made_copies.take(solutions[other], text, part, random.Random(f"{part} {name}"))
            made[f"takes {part:.0%}"] = taken
        for way, copy in made.items():
            # Who took half of another's functions has handed in nothing else.
            rest = [n for n in names if n != name and (n != other or way in made_copies.WAYS)]
            members = rest[:3] if in_five else rest
            texts = {**{n: solutions[n] for n in (*members, name)}, "copy": copy}
            found = compare(texts, looked_through=10)
            figures.setdefault(way, []).append(found.get(frozenset((name, "copy")), (0.0, 0.0)))
    return figures


def is_listed(share: float, passage: float, threshold: float = THRESHOLD, long: float = LONG) -> bool:
    """What `find_pairs` lists."""
    return share >= threshold or passage >= long


def table(title: str, figures: Figures) -> None:
    """One line for each kind: least, median and largest share, the same of passages, how many are listed."""
    print(f"\n| {title} | share | longest passage | listed |\n|---|---|---|---|")
    for kind, pairs in figures.items():
        shares, passages = sorted(s for s, _ in pairs), sorted(p for _, p in pairs)
        shown = " ".join(f"{f(shares):.2f}" for f in (min, statistics.median, max))
        longest = " ".join(f"{f(passages):3.0f}" for f in (min, statistics.median, max))
        print(f"| {kind:<24} | {shown} | {longest} | {sum(is_listed(*p) for p in pairs)} of {len(pairs)} |")


def duration_s(solutions: dict[str, str], count: int) -> float:
    """Processor seconds for a class of mixed solutions."""
    texts = made_copies.mixed(solutions, count, random.Random(count))
    sources = [Source(f"s{number}", (Block("mlp.py", text),)) for number, text in enumerate(texts)]
    began = time.process_time()
    find_pairs(sources, HANDOUT)
    return time.process_time() - began


def judge(apart: Figures, copied: Figures, threshold: float, long: float) -> dict[str, float]:
    """What a rule lists: the part of all that is listed that are copies, and of each kind the part that is."""
    kinds: dict[str, list[bool]] = {"independent": [], "whole copies": []}
    for kind, pairs in apart.items():
        if kind != NOTHING_KNOWN:  # `grade.py similar` always knows the solutions of the homework
            kinds["independent"] += [is_listed(*pair, threshold, long) for pair in pairs]
    for way, pairs in copied.items():
        kind = way if way.startswith("takes") else "whole copies"
        kinds.setdefault(kind, []).extend(is_listed(*pair, threshold, long) for pair in pairs)
    listed = {kind: sum(hits) for kind, hits in kinds.items()}
    precision = 1 - listed["independent"] / max(1, sum(listed.values()))
    return {"precision": precision, **{kind: listed[kind] / len(hits) for kind, hits in kinds.items()}}


def main() -> int:
    """Measure, print, compare with the limits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    solutions = made_copies.solutions()
    apart, copied = independent(solutions), copies(solutions, in_five=False)
    table("independent pairs", apart)
    table("copies in a class of 14", copied)
    table("copies in a class of 5, nothing known", copies(solutions, in_five=True))
    rules = [(threshold, NEVER) for threshold in (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)]
    rules += [(THRESHOLD, long) for long in (30.0, 40.0, 50.0, 60.0)]
    for at, (threshold, long) in enumerate(rules):
        shares = judge(apart, copied, threshold, long)
        if not at:
            print(f"\n| listed from | {' | '.join(shares)} |\n|{'---|' * (len(shares) + 1)}")
        label = f"{threshold:.0%}" + (f", or a passage of {long:.0f}" if long != NEVER else "")
        print(f"| {label:<24} | {' | '.join(f'{share:.3f}' for share in shares.values())} |")
    times = {count: duration_s(solutions, count) for count in LIMITS_S}
    print()
    for count, seconds in times.items():
        print(f"{count:5} submissions: {seconds:5.1f} s, limit {LIMITS_S[count]:.0f}")
    chosen = judge(apart, copied, THRESHOLD, LONG)
    is_missed = any(chosen[kind] < least for kind, least in LEAST.items())
    is_missed |= any(seconds > LIMITS_S[count] for count, seconds in times.items())
    return int(arguments.check and is_missed)


if __name__ == "__main__":
    sys.exit(main())
