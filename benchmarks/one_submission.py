"""What grading one submission costs beside the student's own work, as ratios within one run.

    python benchmarks/one_submission.py            print the table
    python benchmarks/one_submission.py --check    also exit with 1 if a limit is exceeded

The student's own work is every request that the checks make of the reference, recorded once and replayed in
one bare process: start Python, import NumPy, run the module, answer all calls, trainings included.  Figures
are medians of processor seconds (user + system) of whole process trees; rounds take turns, so that other work
on the machine hits both sides alike.
"""

from __future__ import annotations

import argparse
import os
import pickle
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
LIMITS = {"full / own": 1.5, "help / bare": 3.0, "peak MB": 250.0}


def cpu_s(command: list[str]) -> float:
    """Processor seconds of a command and everything it waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def record(path: Path) -> None:
    """Grade the reference once and keep each request with the answers to its callbacks."""
    from autograder.assignment.load import load
    from autograder.host.session import Session
    from autograder.pipeline import grade

    requests = []
    ask = Session.ask

    def recording(self, steps, timeout_s, callbacks=(), doing=""):
        answers = []

        def kept(function):
            return lambda *args: answers.append(function(*args)) or answers[-1]

        requests.append((steps, answers))
        return ask(self, steps, timeout_s, [kept(f) for f in callbacks], doing)

    Session.ask = recording
    try:
        assignment = load(ROOT)
        everything = {c.id for c in assignment.rubric.checks}
        report = grade(ROOT / "reference", assignment, entry=None, seed=assignment.seed, selected=everything)
    finally:
        Session.ask = ask
    assert report["score"] >= report["max_score"], "the reference must have full marks"
    path.write_bytes(pickle.dumps(requests))  # our own data, read back by our own process


def replay(path: Path) -> None:
    """Answer all recorded requests in this process: the student's own work."""
    from autograder.worker import module
    from autograder.worker.execute import Executor

    requests = pickle.loads(path.read_bytes())
    submission = module.new_module("mlp")
    module.run(str(ROOT / "reference" / "mlp.py"), submission.__dict__)
    session = Executor(submission.__dict__)
    session.guard = _unframed
    for steps, answers in requests:
        replies = iter(answers)
        session.ask_grader = lambda number, args, kwargs, replies=replies: {"value": next(replies)}
        session.run(steps)


def _unframed(action):
    """Run a step; no frames are made: this is what the code itself costs."""
    try:
        return action()
    except Exception:  # some checks ask for one
        return {"error": {}}


def peak_mb() -> float:
    """Largest resident size of the grader's own process."""
    code = (
        "import resource, sys; sys.path.insert(0, '.'); from autograder.cli.main import grade_main; "
        "grade_main(['reference', '--quiet', '--output', sys.argv[1]]); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    with tempfile.TemporaryDirectory() as folder:
        out = subprocess.run(
            [sys.executable, "-c", code, folder], capture_output=True, text=True, cwd=ROOT, check=True
        )
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return int(out.stdout.split()[-1]) * unit / 1e6


def main() -> int:
    """Measure, print, and with ``--check`` judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="exit with 1 if a limit is exceeded")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--replay", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.replay:
        replay(Path(arguments.replay))
        return 0
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else the grader is compiled anew in every run
    python = sys.executable
    with tempfile.TemporaryDirectory() as folder:
        requests = Path(folder, "requests")
        record(requests)
        grade = [python, "grade.py", "reference", "--quiet", "--output", folder]
        commands = {
            "bare": [python, "-c", "pass"],
            "help": [python, "grade.py", "--help"],
            "one": [*grade, "--only", "relu"],
            "own": [python, __file__, "--replay", str(requests)],
            "full": grade,
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(arguments.rounds):
            for name, command in commands.items():
                times[name].append(cpu_s(command))
    median = {name: statistics.median(values) for name, values in times.items()}
    labels = {
        "bare": "python -c pass",
        "help": "grade.py --help",
        "one": "grade.py --only relu",
        "own": "the student's own work",
        "full": "grade.py, all checks",
    }
    for name, label in labels.items():
        print(f"{label:<28}{median[name]:8.3f} s   ({min(times[name]):.3f} to {max(times[name]):.3f})")
    figures = {
        "full / own": median["full"] / median["own"],
        "help / bare": median["help"] / median["bare"],
        "peak MB": peak_mb(),
    }
    for name, value in figures.items():
        print(f"{name:<28}{value:8.2f}     limit {LIMITS[name]:g}")
    over = [name for name, value in figures.items() if not value <= LIMITS[name]]
    return 1 if arguments.check and over else 0


if __name__ == "__main__":
    sys.exit(main())
