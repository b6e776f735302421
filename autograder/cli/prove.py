"""``python -m autograder prove``: the matrix of checks, wrong variants and correct styles."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from pathlib import Path

from autograder.errors import UsageError
from autograder.model.diagnosis import CERTAIN
from autograder.proving.prove import Proof, prove


def run(arguments: argparse.Namespace) -> int:
    """Print the matrix and what is wrong with it; 1 if anything is."""
    done = 0

    def tick(name: str) -> None:
        nonlocal done
        done += 1
        if sys.stderr.isatty():
            print(f"\r{done:5}  {name:<60.60}", end="", file=sys.stderr, flush=True)

    jobs = arguments.jobs or os.cpu_count() or 1
    proof = prove(Path(arguments.assignment), only=arguments.only or (), jobs=jobs, tick=tick)
    if sys.stderr.isatty():
        print("\r" + " " * 70 + "\r", end="", file=sys.stderr)
    if arguments.only and not proof.variants:
        raise UsageError(f"no wrong variant's id begins with {' or '.join(arguments.only)}.")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(_plain(proof), file, indent=1)
            file.write("\n")
    print("\n".join(_lines(proof, is_whole=not arguments.only)))
    return 1 if proof.problems else 0


def _lines(proof: Proof, is_whole: bool) -> list[str]:
    width = max(len(check_id) for check_id in proof.checks)
    lines = [f"{'check':<{width}}  wrong variants that lose it    correct styles that keep it"]
    for check_id in proof.checks:
        caught = len(proof.catches(check_id))
        kept = sum(check_id not in mark["lost"] for mark in proof.styles.values())
        if caught or is_whole:
            lines.append(f"{check_id:<{width}}  {caught:>27}    {kept:>13} of {len(proof.styles)}")
    total = len(proof.variants)
    named = sum(variant.is_named for variant in proof.variants)
    unknown = [variant.left_out.get("confidence", "silent") for variant in proof.variants]
    counts = {kind: unknown.count(kind) for kind in (CERTAIN, "likely", "observation", "silent")}
    lines += [
        "",
        f"{total} wrong variants, {sum(bool(v.lost) for v in proof.variants)} lose points, "
        f"{sum(bool(v.elsewhere) for v in proof.variants)} lose some where they should not.",
        f"{named} of {total} are named ({named / max(total, 1):.1%}).",
        f"Left out of the catalogue: {counts[CERTAIN]} taken for another mistake, {counts['likely']} for two others, "
        f"{counts['observation']} described by a relation, {counts['silent']} left without a word.",
    ]
    if is_whole:
        full = sum(not mark["lost"] and not mark["message"] for mark in proof.styles.values())
        lines.append(f"{full} of {len(proof.styles)} correct styles keep every point.")
    lines += ["", *(f"problem: {problem}" for problem in proof.problems)]
    lines.append(f"{len(proof.problems)} problems." if proof.problems else "Proved.")
    return lines


def _plain(proof: Proof) -> dict[str, object]:
    return {
        "checks": {check_id: proof.catches(check_id) for check_id in proof.checks},
        "variants": [dataclasses.asdict(v) | {"is_named": v.is_named} for v in proof.variants],
        "styles": dict(proof.styles),
        "problems": list(proof.problems),
    }
