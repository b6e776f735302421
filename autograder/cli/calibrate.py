"""``python -m autograder calibrate``: tolerances and thresholds beside what correct and wrong work comes to."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from autograder.assignment.load import load
from autograder.proving.calibrate import Calibration, Plan, calibrate
from autograder.proving.chances import CONFIDENCE, MOST_CHANCE
from autograder.proving.gaps import DOUBLE, LEAST_GAP, SINGLE, Extreme, Gap


def run(arguments: argparse.Namespace) -> int:
    """Print what was measured and what is wrong with it; 1 if anything is."""
    assignment = load(Path(arguments.assignment))
    plan = Plan(
        seeds=arguments.seeds,
        training_seeds=arguments.training_seeds,
        checks=tuple(arguments.checks),
        jobs=arguments.jobs or os.cpu_count() or 1,
    )

    def tick(name: str) -> None:
        if sys.stderr.isatty():
            print(f"\r{name:<70.70}", end="", file=sys.stderr, flush=True)

    found = calibrate(assignment, plan, tick)
    if sys.stderr.isatty():
        print("\r" + " " * 70 + "\r", end="", file=sys.stderr)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(_finite(found.plain()), file, indent=1)
            file.write("\n")
    problems = found.problems()
    for lines in (_tolerances(found), _gaps(found), _trainings(found), _weak(found)):
        print("\n".join(lines), end="\n\n")
    for problem in problems:
        print(f"problem: {problem}")
    print(f"{len(problems)} problems." if problems else "Calibrated.")
    return 1 if problems else 0


def _tolerances(found: Calibration) -> Iterator[str]:
    yield f"{'tolerance':<12}{'rtol':>8}{'atol':>8}   in single precision {'rtol':>8}{'atol':>8}"
    used = {name for gap in found.gaps for name in gap.tolerances}
    for name, tolerance in found.assignment.rubric.tolerances.items():
        if name in used:
            yield (
                f"{name:<12}{tolerance.rtol:>8.0e}{tolerance.atol:>8.0e}{'':<23}"
                f"{tolerance.rtol_single:>8.0e}{tolerance.atol_single:>8.0e}"
            )


def _gaps(found: Calibration) -> Iterator[str]:
    yield (
        f"Shares of the bound over {found.plan.seeds} seeds: correct work may come to {1 / LEAST_GAP:g}, what is "
        f"wrong must come to {LEAST_GAP:g}."
    )
    yield (
        f"{'check':<30}{'tolerance':<21}{'correct, double':<31}{'correct, single':<39}"
        f"{'wrong, least':<68}of  verdict"
    )
    by_chance = {chance.check for chance in found.chances}
    for gap in found.gaps:
        verdict = "ok" if not list(gap.problems()) else "FAILS"
        if gap.tolerances:
            least = min(gap.wrong.values(), key=lambda extreme: extreme.share, default=None)
            yield (
                f"{gap.check:<30}{', '.join(sorted(gap.tolerances)):<21}{_told(gap.correct.get(DOUBLE)):<31}"
                f"{_told(gap.correct.get(SINGLE)):<39}{_told(least):<68}{gap.counted:>2}  {verdict}"
            )
    others = [gap for gap in found.gaps if not gap.tolerances and gap.check not in by_chance]
    if others:
        yield "Decided without a tolerance:"
    for gap in others:
        yield f"{gap.check:<30}{_statements(gap)}"


def _statements(gap: Gap) -> str:
    problems = list(gap.problems())
    return "FAILS" if problems else "kept by all correct work, lost by all mistakes that must lose it"


def _told(extreme: Extreme | None) -> str:
    return f"{extreme.share:.1e} {extreme.by}" if extreme else "-"


def _trainings(found: Calibration) -> Iterator[str]:
    if not found.chances:
        return
    yield (
        f"What depends on chance, each start alone with {found.plan.training_seeds} seeds: missed full marks, and a "
        f"limit on missing them in all starts ({CONFIDENCE:.0%} sure)."
    )
    yield f"{'check':<30}{'starts missed':<16}{'chance below':<14}verdict"
    for chance in found.chances:
        missed = ", ".join(str(len(start.missed)) for start in chance.starts)
        verdict = "FAILS" if list(chance.problems()) else "ok"
        yield f"{chance.check:<30}{missed:<16}{chance.bound:<14.1e}{verdict}"
    yield f"{'all together':<46}{found.chance:<14.1e}{'ok' if found.chance < MOST_CHANCE else 'FAILS'}"
    spreads = [spread for chance in found.chances for spread in chance.spreads()]
    if spreads:
        yield ""
        yield (
            f"{'training':<20}{'start':>6}  {'metric':<14}{'full':>9}{'mean':>11}{'deviation':>11}{'worst':>11}"
            f"   deviations from full to mean, worst"
        )
    for s in spreads:
        yield (
            f"{s.task:<20}{s.start:>6}  {s.metric:<14}{s.threshold:>9.5g}{s.mean:>11.4g}{s.sd:>11.2g}{s.worst:>11.4g}"
            f"{s.mean_distance:>26.1f}{s.worst_distance:>11.1f}"
        )


def _weak(found: Calibration) -> Iterator[str]:
    if any(chance.weak for chance in found.chances):
        yield f"{'check':<30}{'weak work':<54}{'full marks with':<18}average marks"
    for chance in found.chances:
        for weak in chance.weak:
            passed = f"{weak.passed} of {weak.seeds} seeds"
            yield f"{chance.check:<30}{weak.name:<54}{passed:<18}{weak.mean:.2f}"


def _finite(value: object) -> object:
    """The same for JSON, which knows no infinity and no sets."""
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_finite(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):
        return str(value)
    return value
