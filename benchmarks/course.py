"""What grading a class costs beside the students' own work, with a realistic class.

    python benchmarks/course.py                  200 submissions
    python benchmarks/course.py --size 1000 --hostile 50
    python benchmarks/course.py --size 20 --kills 20          killed 20 times (-9), resumed, compared

The class is made from a seed: correct styles, known mistakes (one to five in a submission), the empty template,
broken files, notebooks, and, if asked for, the attacks of tests/attacks.  The students' own work is the processor time
of their workers; everything else is the grader's.  Memory and descriptors are those of the grading processes, looked
at while they work.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
MOST_RATIO = 1.25


def make_class(folder: Path, size: int, hostile: int, seed: int) -> None:
    """Fill a folder with submissions, one folder each."""
    from autograder.assignment.load import load
    from autograder.assignment.mistakes import read_mistakes
    from autograder.diagnosis import variants
    from autograder.errors import GraderFault

    rng = random.Random(seed)
    assignment = load(ROOT)
    source = variants.of(assignment.reference)
    catalogue = read_mistakes(assignment.mistakes)
    styles = sorted(p for p in (ROOT / "tests/corpus/correct").iterdir() if p.is_dir())
    attacks = sorted(p for p in (ROOT / "tests/attacks").glob("*.py") if not p.name.startswith(("_", "nb_")))
    for number in range(size):
        place = folder / f"student{number:04}"
        kind = rng.choices(("right", "wrong", "template", "broken"), (30, 60, 5, 5))[0]
        if number < hostile:
            place.mkdir()
            parts = ["import os\nimport numpy as np\n\nFACTS = {}\n\n\ndef breached(what):\n    pass\n"]
            parts += [(ROOT / "tests/attacks/_base.py").read_text("utf-8")]
            parts += [attacks[number % len(attacks)].read_text("utf-8")]
            (place / "mlp.py").write_text("\n\n".join(parts), "utf-8")
        elif kind == "right":
            shutil.copytree(rng.choice(styles), place)
        elif kind == "template":
            shutil.copytree(ROOT / "student_template", place)
        elif kind == "broken":
            place.mkdir()
            text = source.source(())
            (place / "mlp.py").write_text(text[: rng.randrange(len(text))], "utf-8")
        else:
            place.mkdir()
            changes: list = []
            for mistake in rng.sample(catalogue, rng.randint(1, 5)):
                try:
                    source.source([*changes, *mistake.changes])
                except (GraderFault, SyntaxError):
                    continue
                changes += mistake.changes
            (place / "mlp.py").write_text(source.source(changes), "utf-8")


def main() -> int:
    """Make the class, grade it, print the figures, compare with the limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--hostile", type=int, default=0)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check", action="store_true", help="exit with 1 if the limit is exceeded")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, output = Path(name, "submissions"), Path(name, "out")
        folder.mkdir()
        make_class(folder, arguments.size, arguments.hostile, arguments.seed)
        return (_kill if arguments.kills else _measure)(folder, output, arguments)


def _kill(folder: Path, output: Path, arguments: argparse.Namespace) -> int:
    """Grade the class once in one go, and once with kills at random moments; compare what is left."""
    rng = random.Random(arguments.seed)
    command = [sys.executable, str(ROOT / "grade.py"), str(folder), "--class", "--quiet"]
    command += ["--jobs", str(arguments.jobs), "--output"]
    began = time.monotonic()
    subprocess.run([*command, str(output / "whole")], check=True, stdout=subprocess.DEVNULL)
    wall, kills, starts = time.monotonic() - began, 0, 0
    while True:
        starts += 1
        process = subprocess.Popen(
            [*command, str(output / "killed")], start_new_session=True, stdout=subprocess.DEVNULL
        )
        try:
            # Later and later, so that it comes to its end; some kills strike the start, some the gradebook.
            process.wait(
                None if kills >= arguments.kills else rng.uniform(0.2, 2.2 * wall / arguments.kills + 2)
            )
            if kills >= arguments.kills:
                break
            shutil.rmtree(output / "killed")  # it had come to its end before enough kills: once more
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
    files = [_graded(output / name) for name in ("whole", "killed")]
    print(f"killed {kills} times in {starts} starts; {len(files[0])} reports and gradebooks")
    other = sorted(
        name for name in files[0].keys() | files[1].keys() if files[0].get(name) != files[1].get(name)
    )
    print("all the same" if not other else f"not the same: {', '.join(other)}")
    return int(bool(other))


def _graded(output: Path) -> dict[str, object]:
    """What a run has left that does not depend on time: reports and the gradebook."""
    import json

    found: dict[str, object] = {"gradebook.csv": (output / "gradebook.csv").read_text("utf-8")}
    for path in sorted(output.glob("students/*/*/report.json")):
        report = json.loads(path.read_text("utf-8"))
        report.pop("timing", None)
        found[path.relative_to(output).as_posix()] = report
    return found


def _measure(folder: Path, output: Path, arguments: argparse.Namespace) -> int:
    import json

    from autograder.assignment.load import load
    from autograder.course.run import Job, Outcome, grade_class
    from autograder.model.attempt import Attempt, Class, Student

    assignment = load(ROOT)
    attempts = tuple(Attempt(Student(p.name), p) for p in sorted(folder.iterdir()))
    job = Job(ROOT, assignment.seed, tuple(check.id for check in assignment.rubric.checks))
    sizes: list[tuple[int, int, int]] = []

    def look(outcome: Outcome) -> None:
        sizes.append(_sizes())

    began, before = time.monotonic(), _cpu_s()
    outcomes = grade_class(Class(attempts, "folders"), job, output, jobs=arguments.jobs, done=look)
    wall, used = time.monotonic() - began, _cpu_s() - before
    own = told = 0.0
    for outcome in outcomes:
        timing = json.loads((output / outcome.report).read_text("utf-8")).get("timing") or {}
        own += timing.get("submission_cpu_s", 0.0)
        told += timing.get("grader_cpu_s", 0.0)
    used = max(used, own + told)  # a process that was killed takes its children's time with it
    statuses = {s: sum(o.status == s for o in outcomes) for s in sorted({o.status for o in outcomes})}
    print(f"{len(outcomes)} submissions: {statuses}")
    print(f"wall {wall:.0f} s, {len(outcomes) / wall:.2f} per second on {arguments.jobs} processes")
    print(
        f"processor {used:.0f} s, of it the students' own {own:.0f} s; ratio {used / own:.2f} (limit {MOST_RATIO})"
    )
    for part in (0.1, 0.5, 1.0):
        megabytes, descriptors, processes = sizes[min(len(sizes) - 1, int(part * len(sizes)))]
        print(f"after {part:4.0%}: {megabytes} MB in {processes} processes, {descriptors} descriptors")
    return int(arguments.check and used > MOST_RATIO * own)


def _cpu_s() -> float:
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        total += usage.ru_utime + usage.ru_stime
    return total


def _sizes() -> tuple[int, int, int]:
    """Megabytes, open descriptors and number of this process and all it has started (Linux)."""
    waiting, megabytes, descriptors, count = ["self"], 0.0, 0, 0
    while waiting:
        place = Path("/proc", waiting.pop())
        try:
            (line,) = [n for n in (place / "status").read_text().splitlines() if n.startswith("VmRSS")]
            megabytes += int(line.split()[1]) / 1024
            descriptors += len(list((place / "fd").iterdir()))
            for task in (place / "task").iterdir():
                waiting += (task / "children").read_text().split()
        except (OSError, ValueError):
            continue
        count += 1
    return round(megabytes), descriptors, count


if __name__ == "__main__":
    sys.exit(main())
