"""Compare grade.py with otter-grader and nbgrader: cost, scores, and what three hostile submissions do to each.

    python benchmarks/peers.py                              print the table of docs/benchmarks.md
    python benchmarks/peers.py --folder DIR --size 2        keep the virtual environments there for the next run

Each peer gets a virtual environment of its own from pip, and the homework in its native form: 22 questions to functions
of all three parts, one of them a training on the digits, with the reference's answers stored in them; for Otter a test
file each, for nbgrader a graded cell with hidden tests each, worth what the rubric gives the function.  `grade.py`
makes all of its checks, of the same notebooks and of the same code as modules.  Everything runs one after the other,
with one BLAS thread; cells that would draw figures draw none, as in our kernel.

`otter run` is what Otter has without Docker: a command for each submission.  nbgrader and `grade.py` take a class in
one command and share their start-up.  Processor time is that of a command and of all that it started.  Memory is the
largest sum over its processes, looked at five times a second; shared pages are divided among those that share them
(Linux; elsewhere they count in each).
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import csv
import ctypes
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from autograder.assignment.load import load  # noqa: E402
from autograder.authoring.template import write_notebook  # noqa: E402
from reference import mlp  # noqa: E402

ASSIGNMENT = load(ROOT)
VERSIONS = {"otter-grader": "7.0.0", "nbgrader": "0.9.6"}
BESIDE = [f"{name}=={version(name)}" for name in ("numpy", "matplotlib", "ipykernel", "nbclient")]
"""What runs a notebook is the same for all."""
LIMIT_S = 180.0
"""For a hostile submission, from outside."""
LOOK_S, SAMPLE_S, PATIENCE_S = 0.02, 0.2, 10.0

INPUTS = """\
rng = np.random.default_rng(7)
X, W, b = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)
Z, dZ = 3 * rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
P, Y = rng.uniform(0.05, 0.95, size=(5, 4)), np.eye(4)[[0, 2, 1, 3, 2]]
mask, scale, shift = np.eye(5, 4), rng.uniform(0.5, 2, size=4), rng.normal(size=4)
"""
OPTIMIZER = """\
params = {{"W1": W.copy(), "b1": b.copy()}}
optimizer = {name}(lr=0.1)
for step in range(1, 7):
    optimizer.step(params, {{"W1": step * np.cos(step * W), "b1": step * np.sin(step * b)}})
answer = [params["W1"], params["b1"]]
"""
EXERCISES = {
    "one_hot": "answer = [one_hot(np.array([2, 0, 3, 2]), 5)]",
    "standardize": "answer = standardize(X, 2 * X[:2] + 1)",
    "linear_forward": "answer = [linear_forward(X, W, b)]",
    "sigmoid": "answer = [sigmoid(Z), sigmoid(np.array([-1000.0, 1000.0]))]",
    "softmax": "answer = [softmax(Z), softmax(np.array([[1000.0, -1000.0, 999.0]]))]",
    "bce_loss": "answer = [bce_loss(P, Y)]",
    "cce_loss": "answer = [cce_loss(P / P.sum(axis=1, keepdims=True), Y)]",
    "linear_backward": "answer = linear_backward(dZ, X, W)",
    "relu_backward": "answer = [relu_backward(dZ, Z)]",
    "softmax_cce_backward": "answer = [softmax_cce_backward(P, Y)]",
    "numerical_gradient": "answer = [np.round(numerical_gradient(lambda x: float(np.sum(np.sin(x))), X.copy()), 8)]",
    **{name: OPTIMIZER.format(name=name) for name in ("SGD", "Momentum", "AdaGrad", "RMSprop", "Adam")},
    "penalty_grad": "answer = [penalty_grad(W, 0.1, 0.3)]",
    "dropout_forward": "answer = [dropout_forward(Z, mask, 0.25)]",
    "batchnorm_forward": "answer = batchnorm_forward(Z, scale, shift, b, scale, True)",
    "batchnorm_backward": "answer = batchnorm_backward(dZ, Z, scale)",
    "MLP": """\
model = MLP([3, 6, 4], l2=0.1, rng=rng)
for key, shape in {"W1": (3, 6), "b1": (6,), "W2": (6, 4), "b2": (4,)}.items():
    model.params[key] = rng.normal(size=shape)
loss, grads = model.loss_and_grads(X, Y)
answer = [loss, *(grads[key] for key in ("W1", "b1", "W2", "b2"))]
""",
    "task": """\
digits = np.load("data/digits.npz")
images, labels = digits["X_train"], digits["y_train"]
model = MLP([64, 64, 10], rng=np.random.default_rng(1))
train(model, images[:1000], np.eye(10)[labels[:1000]], Adam(lr=0.005), 10, 32, np.random.default_rng(2))
right = model.predict_proba(images[1000:]).argmax(axis=1) == labels[1000:]
answer = [bool(right.mean() >= 0.9)]
""",
}
"""What is asked of a submission, by the function that it belongs to; `task` is the training."""

SLIP = """\
def linear_backward(dZ, X, W):
    return dZ @ W.T, X.T @ dZ, dZ.mean(axis=0)
"""
ZEROS = """\
def linear_forward(X, W, b):
    return np.zeros((len(X), len(b)))
def sigmoid(Z):
    return np.zeros_like(Z)
def softmax(Z):
    return np.zeros_like(Z)
def linear_backward(dZ, X, W):
    return np.zeros_like(X), np.zeros_like(W), np.zeros(W.shape[1])
def numerical_gradient(f, x, h=1e-5):
    return np.zeros_like(x)
def penalty_grad(W, l1, l2):
    return np.zeros_like(W)
def batchnorm_backward(dY, X, gamma, eps=1e-5):
    return np.zeros_like(X), np.zeros_like(gamma), np.zeros_like(gamma)
"""
LOOP = """\
def softmax(Z):
    while True:
        pass
"""
EXIT = """\
def softmax(Z):
    import os
    os._exit(0)
"""
PATCH = """

# %%
import numpy.testing

numpy.testing.assert_allclose = lambda *args, **kwargs: None
numpy.allclose = lambda *args, **kwargs: True
"""


def with_definitions(source: str, definitions: str) -> str:
    """A module's text with some of its functions written otherwise."""
    lines = source.splitlines(keepends=True)
    found = [node for node in ast.parse(definitions).body if isinstance(node, ast.FunctionDef)]
    new = {node.name: ast.unparse(node) + "\n" for node in found}
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.FunctionDef) and node.name in new:
            lines[node.lineno - 1 : node.end_lineno] = [new.pop(node.name)]
    assert not new, f"the reference has no {', '.join(new)}"
    return "".join(lines)


def submissions() -> tuple[dict[str, str], dict[str, str]]:
    """Texts of the modules: a class, and the hostile ones."""
    reference = ASSIGNMENT.reference.read_text("utf-8")
    ordinary = {
        "reference": reference,
        "slip": with_definitions(reference, SLIP),
        "zeros": with_definitions(reference, ZEROS),
        "template": (ASSIGNMENT.template / f"{ASSIGNMENT.name}.py").read_text("utf-8"),
    }
    hostile = {
        "loop": with_definitions(reference, LOOP),
        "exit": with_definitions(reference, EXIT),
        "patched": ordinary["zeros"] + PATCH,
    }
    return ordinary, hostile


def notebook(source: str, path: Path) -> None:
    """Write a module's text as the notebook that `python -m autograder notebook` makes of it."""
    with tempfile.TemporaryDirectory() as name:
        for beside in ASSIGNMENT.reference.parent.glob("*.py"):
            shutil.copy(beside, name)
        module = Path(name, ASSIGNMENT.reference.name)
        module.write_text(source, "utf-8")
        write_notebook(replace(ASSIGNMENT, reference=module), path)


@dataclass(frozen=True)
class Test:
    """A function of the homework, asked once."""

    function: str
    points: float
    code: str
    """A definition of ``test_<function>``, whose arguments are what it needs of the submission."""
    arguments: tuple[str, ...]


def make_tests() -> list[Test]:
    """The exercises with the reference's answers stored in them."""
    tests = []
    with contextlib.chdir(ASSIGNMENT.template):  # for the handout's data
        for function, code in EXERCISES.items():
            wanted = dict(vars(mlp))
            exec(f"{INPUTS}\n{code}", wanted)
            stored = [value.tolist() if hasattr(value, "tolist") else value for value in wanted["answer"]]
            names = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
            arguments = tuple(sorted(names & {name for name in vars(mlp) if name != "np"}))
            body = [
                "import numpy as np",
                INPUTS,
                code,
                f"expected = {stored!r}",
                "for got, wanted in zip(answer, expected, strict=True):",
                "    np.testing.assert_allclose(got, wanted, rtol=1e-6, atol=1e-9)",
            ]
            text = textwrap.indent("\n".join(body), "    ")
            tests.append(
                Test(
                    function,
                    sum(c.points for c in ASSIGNMENT.rubric.checks if c.id.partition(".")[0] == function),
                    f"def test_{function}({', '.join(arguments)}):\n{text}\n",
                    arguments,
                )
            )
    return tests


# -- running commands


@dataclass(frozen=True)
class Run:
    """What a command cost, and how it ended."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    status: int | None
    """Exit status; None if it was stopped from outside."""


def run(command: list[Any], folder: Path, limit_s: float = math.inf) -> Run:
    """Run a command and measure it; after `limit_s` all of its processes are ended."""
    with (folder / "output.txt").open("ab") as output:
        began = time.monotonic()
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env=os.environ | {"PATH": f"{Path(command[0]).parent}:{os.environ['PATH']}"},  # as if activated
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        peak, sampled, is_stopped = 0, began, False
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            now = time.monotonic()
            if ended:
                break
            if now - began > limit_s:
                is_stopped = True
                end(tree(process.pid))
            elif now - sampled > SAMPLE_S:
                peak, sampled = max(peak, sum(map(resident, tree(process.pid)))), now
            time.sleep(LOOK_S)
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu_s = usage.ru_utime + usage.ru_stime + left_over(0.0 if is_stopped else PATIENCE_S)
    return Run(now - began, cpu_s, peak / 1e6, None if is_stopped else process.returncode)


def adopt() -> None:
    """Become the parent of what outlives a command (Linux): its processor time counts, and it is ended."""
    if sys.platform == "linux":
        pr_set_child_subreaper = 36  # linux/prctl.h
        ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)


def left_over(patience_s: float) -> float:
    """Processor seconds of what a command has left behind; whatever takes longer to end is ended."""
    cpu_s, began = 0.0, time.monotonic()
    while children := psutil.Process().children():
        if time.monotonic() - began > patience_s:
            end(children)
        ended, _, usage = os.wait4(-1, os.WNOHANG)
        if ended:
            cpu_s += usage.ru_utime + usage.ru_stime
        else:
            time.sleep(LOOK_S)
    return cpu_s


def end(processes: list[psutil.Process]) -> None:
    """Kill processes, the youngest first."""
    for process in reversed(processes):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def tree(pid: int) -> list[psutil.Process]:
    """A process and all that it has started."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def resident(process: psutil.Process) -> int:
    """Bytes in memory; of shared pages a process' part where the system tells it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        try:
            memory = process.memory_full_info()
        except psutil.AccessDenied:  # another user may look no deeper
            memory = process.memory_info()
        return int(getattr(memory, "pss", memory.rss))
    return 0


def environment(folder: Path, package: str) -> Path:
    """Folder of the programs of a peer's virtual environment, made where it is not there."""
    place, wanted = folder / package, [f"{package}=={VERSIONS[package]}", *BESIDE]
    made = place / "requirements.txt"
    if not made.is_file() or made.read_text("utf-8").split() != wanted:
        print(f"making {place}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
        subprocess.run([place / "bin" / "pip", "install", "--quiet", *wanted], check=True)
        made.write_text("\n".join(wanted), "utf-8")  # last: what was broken off is made anew
    return place / "bin"


# -- the graders


@dataclass(frozen=True)
class Graded:
    """What grading some submissions cost, and the share of the points of each; None without a score."""

    runs: list[Run]
    shares: dict[str, float | None]


class Way(Protocol):
    """One way of grading."""

    title: str
    count: int
    """How many tests or checks are made of a submission."""

    def grade(self, students: Mapping[str, str], limit_s: float = math.inf) -> Graded:
        """Grade submissions, by student the text of the module, and stop what takes longer."""
        ...


class Otter:
    """`otter run`, a process for each submission."""

    def __init__(self, folder: Path, programs: Path, tests: list[Test]) -> None:
        self.title, self.count = f"otter run {VERSIONS['otter-grader']}", len(tests)
        self.folder, self.program = folder, programs / "otter"
        (folder / "tests").mkdir(parents=True)
        for test in tests:
            text = f"from otter.test_files import test_case\n\nOK_FORMAT = False\nname = {test.function!r}\n"
            text += f"points = {test.points}\n\n\n@test_case(hidden=True)\n{test.code}"
            (folder / "tests" / f"{test.function}.py").write_text(text, "utf-8")
        shutil.copytree(ASSIGNMENT.template / "data", folder / "data")
        command = [self.program, "generate", "-t", "tests", "-o", "autograder.zip", "data/digits.npz"]
        assert run(command, folder).status == 0, "otter generate failed"

    def grade(self, students: Mapping[str, str], limit_s: float = math.inf) -> Graded:
        """One command for each submission."""
        runs, shares = [], {}
        for student, source in students.items():
            place = self.folder / "submitted" / student
            place.mkdir(parents=True)
            notebook(source, place / "mlp.ipynb")
            command = [self.program, "run", "-a", "autograder.zip", "-o", place, place / "mlp.ipynb"]
            runs.append(run(command, self.folder, limit_s))
            shares[student] = self._share(place / "results.json")
        return Graded(runs, shares)

    @staticmethod
    def _share(path: Path) -> float | None:
        if not path.is_file():
            return None
        tests = json.loads(path.read_text("utf-8"))["tests"]
        most = sum(test.get("max_score", 0.0) for test in tests)
        return sum(test.get("score", 0.0) for test in tests) / most if most else None


class Nbgrader:
    """`nbgrader autograde`, a class in one command."""

    def __init__(self, folder: Path, programs: Path, tests: list[Test]) -> None:
        self.title, self.count = f"nbgrader {VERSIONS['nbgrader']}", len(tests)
        self.folder, self.program = folder, programs / "nbgrader"
        source = folder / "source" / "mlp"
        source.mkdir(parents=True)
        (folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'mlp'\n")
        shutil.copytree(ASSIGNMENT.template / "data", source / "data")
        cells = [self._test_cell(test) for test in tests]
        self._write(source / "mlp.ipynb", ASSIGNMENT.reference.read_text("utf-8"), cells)
        assert run([self.program, "generate_assignment", "mlp"], folder).status == 0
        released = json.loads((folder / "release" / "mlp" / "mlp.ipynb").read_text("utf-8"))["cells"]
        self.released = [cell for cell in released if cell["metadata"].get("nbgrader", {}).get("grade")]

    def grade(self, students: Mapping[str, str], limit_s: float = math.inf) -> Graded:
        """One command for all."""
        for student, source in students.items():
            place = self.folder / "submitted" / student / "mlp"
            place.mkdir(parents=True)
            self._write(place / "mlp.ipynb", source, self.released)
        chosen = [f"--student={student}" for student in students if len(students) == 1]
        measured = run([self.program, "autograde", "mlp", *chosen], self.folder, limit_s)
        assert run([self.program, "export", "--to=grades.csv"], self.folder).status == 0
        with (self.folder / "grades.csv").open(newline="", encoding="utf-8") as lines:
            rows = {row["student_id"]: row for row in csv.DictReader(lines)}
        shares = {s: float(rows[s]["score"]) / float(rows[s]["max_score"]) for s in students if s in rows}
        return Graded([measured], dict.fromkeys(students) | shares)

    @staticmethod
    def _write(path: Path, source: str, tests: list[dict[str, Any]]) -> None:
        """Write a submission with the marks of its solutions, and these cells at its end."""
        notebook(source, path)
        content = json.loads(path.read_text("utf-8"))
        for cell in content["cells"]:
            found = re.search(r"^(?:def|class) ([A-Za-z]\w*)", "".join(cell["source"]), re.MULTILINE)
            if cell["cell_type"] == "code" and found and hasattr(mlp, found[1]):
                cell["metadata"]["nbgrader"] = mark(found[1], solution=True)
        content["cells"] += tests
        path.write_text(json.dumps(content), "utf-8")

    @staticmethod
    def _test_cell(test: Test) -> dict[str, Any]:
        call = f"test_{test.function}({', '.join(test.arguments)})"
        return {
            "cell_type": "code",
            "id": f"test-{test.function}",
            "metadata": {
                "nbgrader": mark(f"test_{test.function}", grade=True, locked=True, points=test.points)
            },
            "source": f"### BEGIN HIDDEN TESTS\n{test.code}\n{call}\n### END HIDDEN TESTS",
            "execution_count": None,
            "outputs": [],
        }


def mark(name: str, **more: Any) -> dict[str, Any]:
    """What nbgrader notes of a cell."""
    plain = {"grade": False, "locked": False, "solution": False, "task": False}
    return {"grade_id": name, "schema_version": 3, **plain, **more}


class Ours:
    """`grade.py`, a class in one command, all checks."""

    def __init__(self, folder: Path, form: str) -> None:
        self.title, self.count = f"grade.py, {form}s", len(ASSIGNMENT.rubric.checks)
        self.folder, self.form, self.classes = folder, form, 0

    def grade(self, students: Mapping[str, str], limit_s: float = math.inf) -> Graded:
        """One command for all."""
        self.classes += 1
        handed_in, output = (self.folder / f"{what}{self.classes}" for what in ("submissions", "results"))
        for student, source in students.items():
            place = handed_in / student
            place.mkdir(parents=True)
            if self.form == "notebook":
                notebook(source, place / f"{ASSIGNMENT.name}.ipynb")
            else:
                (place / f"{ASSIGNMENT.name}.py").write_text(source, "utf-8")
        command = [sys.executable, ROOT / "grade.py", handed_in, "--class", "--jobs", 1, "--output", output]
        return Graded([run(command, self.folder, limit_s)], {s: self._share(output, s) for s in students})

    @staticmethod
    def _share(output: Path, student: str) -> float | None:
        path = output / "students" / student / "attempt-1" / "report.json"
        report = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        return report["score"] / report["max_score"] if report.get("score") is not None else None


# -- the table


def measure(way: Way, size: int) -> list[str]:
    """One column of the table."""
    ordinary, hostile = submissions()
    way.grade({"first": ordinary["template"]})  # what is compiled, or built, only once
    students = {f"{kind}{number}": text for kind, text in ordinary.items() for number in range(size)}
    graded = way.grade(students)
    column = [
        way.title,
        f"{way.count}",
        f"{sum(r.wall_s for r in graded.runs) / len(students):.2f}",
        f"{sum(r.cpu_s for r in graded.runs) / len(students):.2f}",
        f"{max(r.peak_mb for r in graded.runs):.0f}",
    ]
    for kind in ordinary:
        shares = {graded.shares[f"{kind}{number}"] for number in range(size)}
        column.append(" or ".join(map(percent, shares)))
    for kind, text in hostile.items():
        graded = way.grade({kind: text}, LIMIT_S)
        column.append(fate(graded.runs[0], graded.shares[kind]))
    return column


def percent(share: float | None) -> str:
    """A share of the points as the table has it."""
    return "no score" if share is None else f"{100 * share:.0f} %"


def fate(run: Run, share: float | None) -> str:
    """What became of a hostile submission."""
    if run.status is None:
        return f"{percent(share)}, stopped by us after {run.wall_s:.0f} s"
    return f"{percent(share)}, exit status {run.status}, {run.wall_s:.0f} s"


ROWS = [
    "",
    "tests or checks of a submission",
    "wall time of a submission, s",
    "processor time of a submission, s",
    "memory, MB",
    "score: reference",
    "score: `linear_backward` averages `db`",
    "score: seven functions return zeros",
    "score: empty template",
    "an endless loop in `softmax`",
    "`os._exit(0)` in `softmax`",
    "the zeros, and NumPy's comparisons patched",
]


def main() -> int:
    """Set up, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="keep the virtual environments here (default: nowhere)")
    parser.add_argument("--size", type=int, default=5, help="copies of each of the four submissions")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        kept = arguments.folder.resolve() if arguments.folder else work
        programs = {package: environment(kept, package) for package in VERSIONS}
        for library in ("OPENBLAS", "OMP", "MKL"):
            os.environ[f"{library}_NUM_THREADS"] = "1"
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else the grader is compiled anew in every run
        os.environ["MPLBACKEND"] = "agg"  # the notebook then draws nothing
        os.environ["HOME"] = name  # nobody's own settings count
        adopt()
        tests = make_tests()
        (work / "modules").mkdir()
        (work / "notebooks").mkdir()
        ways: list[Way] = [
            Otter(work / "otter", programs["otter-grader"], tests),
            Nbgrader(work / "nbgrader", programs["nbgrader"], tests),
            Ours(work / "notebooks", "notebook"),
            Ours(work / "modules", "module"),
        ]
        columns = [ROWS]
        for way in ways:
            print(f"{way.title} ...", file=sys.stderr)
            columns.append(measure(way, arguments.size))
    lines = [" | ".join(row) for row in zip(*columns, strict=True)]
    print("\n".join(f"| {line} |" for line in [lines[0], " | ".join(["---"] * len(columns)), *lines[1:]]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
