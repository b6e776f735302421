"""Every hostile submission of tests/attacks: it gains nothing, harms nothing, and leaves nothing behind.

Each attack is graded beside its twin, the same work without the attack.  Attacks print a line when they get
what they are after (`breached`); those marked ``control`` do so without isolation, which is tried as well.
"""

import contextlib
import dataclasses
import gc
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import tomllib
import warnings
from pathlib import Path

import pytest

from autograder import pipeline
from autograder.assignment.load import load
from autograder.host import session
from autograder.host.connection import Worker
from autograder.host.isolation import Isolation, establish
from autograder.host.pool import Zygote
from autograder.model.result import STATUSES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "attacks"
TABLE = tomllib.loads((FOLDER / "attacks.toml").read_text("utf-8"))
DEFAULTS = TABLE.pop("defaults")
ATTACKS = {name: DEFAULTS | line for lines in TABLE.values() for name, line in lines.items()}
CONTROLS = [name for name, line in ATTACKS.items() if line.get("control")]
CHANNEL = set(TABLE["channel"])
LIMITS = {
    "load_s": 3.0,
    "cell_s": 1.0,
    "total_s": 15.0,
    "cpu_s": 20,
    "memory_bytes": 1 << 30,
    "output_bytes": 4 << 20,
    "file_bytes": 4 << 20,
    "disk_bytes": 24 << 20,
    "disk_files": 400,
    "open_files": 128,
    "processes": 256,
    "restarts": 6,
}
MOST_MEMORY = 400 << 20  # that an attack may cost the grader for a moment: a frame, parsed
SEALED, NO_FILES, FILES_ONLY, OPEN = ("landlock", "seccomp"), ("seccomp", "no-files"), ("landlock",), ()

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux's")


def is_notebook(name):
    return name.startswith("nb_")


class Scene:
    """What attacks aim at, all of it the test's own; starters of workers; and the twins' scores."""

    def __init__(self, folder, stack):
        self.folder, self.stack = folder, stack
        self.project = project = folder / "project"
        self.canaries = folder / "canaries"
        self.put_in_place()
        self.scratch = folder / "tmp"
        self.scratch.mkdir()
        loaded = load(project)
        rubric = dataclasses.replace(
            loaded.rubric,
            limits=dataclasses.replace(loaded.rubric.limits, **LIMITS),
            checks=tuple(dataclasses.replace(c, timeout_s=1.0) for c in loaded.rubric.checks),
        )
        self.assignment = dataclasses.replace(loaded, rubric=rubric)
        self.victim = None
        self.facts = {
            "project": str(project),
            "reference": str(project / "reference" / "mlp.py"),
            "results": str(project / "results"),
            "folder": str(self.canaries),
            "secret": str(self.canaries / "secret"),
            "bait": str(self.canaries / "bait"),
            "token": f"attack-{os.getpid()}",
            "variable": "GRADER_SECRET",
            "grader": os.getpid(),
            "seed": 918273645,
            **self._listeners(),
        }
        self.zygotes, self.levels, self.twins = {}, {}, {}

    def _listeners(self):
        token = f"attack-{os.getpid()}"
        found = {"tcp": ("127.0.0.1", 0), "udp": ("127.0.0.1", 0)}
        names = {
            "unix": str(self.folder / "stream"),
            "datagrams": str(self.folder / "datagrams"),
            "abstract": f"\0{token}-stream",
            "abstract_datagrams": f"\0{token}-datagrams",
        }
        for name, address in {**found, **names}.items():
            family = socket.AF_INET if name in found else socket.AF_UNIX
            kind = (
                socket.SOCK_DGRAM
                if name in ("udp", "datagrams", "abstract_datagrams")
                else socket.SOCK_STREAM
            )
            line = self.stack.enter_context(socket.socket(family, kind))
            line.bind(address)
            if kind == socket.SOCK_STREAM:
                line.listen(64)
            if name in found:
                found[name] = line.getsockname()[1]
        return found | names

    def put_in_place(self):
        """Lay out anew all that an attack may change where nothing holds it: copies, in the test's own folder."""
        shutil.rmtree(self.project, ignore_errors=True)
        shutil.rmtree(self.canaries, ignore_errors=True)
        folders = ("reference", "student_template", "tests/checks", "tests/corpus/correct")
        for part in ("assignment.toml", "rubric.toml", *folders):
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            (self.project / part).parent.mkdir(parents=True, exist_ok=True)
            copy(ROOT / part, self.project / part)
        (self.project / "results").mkdir()
        (self.project / "results" / "report.json").write_text('{"score": 0}')
        self.canaries.mkdir()
        for name in ("secret", "bait"):
            (self.canaries / name).write_text("12345\n")
            (self.canaries / name).chmod(0o600)

    def zygote(self, kind):
        if kind not in self.zygotes:
            self.zygotes[kind] = self.stack.enter_context(Zygote(kind))
        return self.zygotes[kind]

    def isolation(self, layers):
        if layers not in self.levels:
            limits, refused = self.assignment.rubric.limits, self.assignment.rubric.refused_packages
            found = establish(self.zygote(""), limits, "auto", refused)
            self.levels[layers] = (
                found
                if layers == found.layers
                else Isolation(layers, {}, found.read, found.listed, found.refused)
            )
        return self.levels[layers]

    def bait(self):
        """Start the process that is aimed at, if it is not alive."""
        if self.victim is None or self.victim.poll() is not None:
            self.victim = subprocess.Popen(
                ["sleep", "1000"], start_new_session=True, stdin=subprocess.DEVNULL
            )
            self.stack.callback(self.victim.wait)
            self.stack.callback(self.victim.kill)
        self.facts["victim"] = self.victim.pid

    def source(self, attack=None):
        head = "import os\nimport numpy as np\n\nFACTS = {!r}\n\n\ndef breached(what):\n    {}\n\n\n".format(
            self.facts, 'os.write(1, f"BREACH {what}\\n".encode("ascii", "replace"))'
        )
        parts = [head, (FOLDER / "_base.py").read_text("utf-8")]
        if attack in CHANNEL:
            parts.append((FOLDER / "_channel.py").read_text("utf-8"))
        if attack is not None:
            parts.append((FOLDER / f"{attack}.py").read_text("utf-8"))
        return parts

    def write(self, name, notebook):
        folder = self.folder / "submissions" / (name or "twin")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        parts = self.source(name)
        if not notebook:
            (folder / "mlp.py").write_text("\n\n".join(parts), "utf-8")
            return folder
        cells = [cell for part in parts for cell in part.split("\n# %%\n")]
        (folder / "mlp.ipynb").write_bytes(to_notebook(*cells))
        return folder

    def grade(self, path, checks, layers):
        """Grade as the pipeline does, with workers from a starter that all attacks share; also what was printed."""
        workers = []

        class Recorded(Worker):
            def __init__(self, *args):
                workers.append(self)
                self.output = b""
                super().__init__(*args)

        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as in the command: NumPy's warnings are no errors
            patch.setattr(pipeline, "Zygote", lambda kind="": contextlib.nullcontext(self.zygote(kind)))
            patch.setattr(pipeline, "establish", lambda *a, **k: self.isolation(layers))
            patch.setattr(session, "Worker", Recorded)
            patch.setattr(tempfile, "tempdir", str(self.scratch))
            patch.setenv("GRADER_SECRET", "secret")
            report = pipeline.grade(
                path, self.assignment, entry=None, seed=self.facts["seed"], selected=set(checks)
            )
        return report, b"".join(bytes(w.output) for w in workers)

    def twin(self, notebook, checks, layers):
        """Score of the same work without the attack."""
        key = (notebook, tuple(checks), layers)
        if key not in self.twins:
            report, _ = self.grade(self.write(None, notebook), checks, layers)
            assert report["status"] == "graded", report["message"]
            assert report["score"] > 0, "beside nothing every attack looks harmless"
            self.twins[key] = report["score"]
        return self.twins[key]

    def surroundings(self):
        """All that must be the same after an attack as before."""
        gc.collect()
        return {
            "files": {
                str(path): (s.st_mode, s.st_size, s.st_mtime_ns, s.st_uid)
                for top in (self.canaries, self.folder / "project")
                for path in [top, *top.rglob("*")]
                if "__pycache__" not in path.parts
                for s in [path.lstat()]
            },
            "scratch": os.listdir(self.scratch),
            "left": [
                name
                for place in ("/tmp", "/var/tmp", "/dev/shm", "/root", "/home", "/run")
                if os.access(place, os.R_OK)
                for name in os.listdir(place)
                if self.facts["token"] in name
            ],
            "processes": sorted(p for z in self.zygotes.values() for p in descendants(z._process.pid)),
            "descriptors": len(os.listdir("/proc/self/fd")),
            "shared": [Path(f"/proc/sysvipc/{n}").read_text() for n in ("shm", "sem", "msg")],
            "victim": (
                self.victim.poll(),
                os.getpriority(os.PRIO_PROCESS, self.victim.pid),
                os.sched_getaffinity(self.victim.pid),
                os.sched_getscheduler(self.victim.pid),
                Path(f"/proc/{self.victim.pid}/limits").read_text(),
            )
            if self.victim.poll() is None
            else "ended",
            "own": (os.getpriority(os.PRIO_PROCESS, 0), signal.getsignal(signal.SIGTERM)),
        }


def forget_peak():
    """Start to measure this process's largest size anew; what it is now."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak()


def peak():
    (line,) = [n for n in Path("/proc/self/status").read_text().splitlines() if n.startswith("VmHWM")]
    return int(line.split()[1]) << 10


def descendants(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *descendants(child)]
    return found


def to_notebook(*sources, **changes):
    cells = [
        {
            "cell_type": "code",
            "id": f"c{i}",
            "metadata": {},
            "source": s,
            "outputs": [],
            "execution_count": None,
        }
        for i, s in enumerate(sources)
    ]
    return json.dumps(
        {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **changes}
    ).encode()


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    with contextlib.ExitStack() as stack:
        yield Scene(tmp_path_factory.mktemp("scene"), stack)


def judge(scene, name, layers, statuses=True):
    """Grade an attack; hold it to all that is promised."""
    line, notebook = ATTACKS[name], is_notebook(name)
    scene.bait()
    twin = scene.twin(notebook, line["checks"], layers)
    path = scene.write(name, notebook)
    before, memory = scene.surroundings(), forget_peak()
    report, printed = scene.grade(path, line["checks"], layers)
    assert scene.surroundings() == before
    assert peak() - memory < MOST_MEMORY
    assert b"BREACH" not in printed, printed[printed.index(b"BREACH") :][:300]
    assert report["status"] == "graded", report["message"]
    assert report["score"] <= twin
    hold_to_form(report)
    found = {c["id"]: c["status"] for c in report["checks"] if c["id"] in line["checks"]}
    if statuses:
        assert found | line.get("statuses", {}) == found
    after, _ = scene.grade(scene.write(None, notebook), line["checks"], layers)
    assert after["score"] == twin, "the submission that came next"


def hold_to_form(report):
    json.dumps(report, allow_nan=False).encode("utf-8")
    for check in report["checks"]:
        assert check["status"] in (*STATUSES, "not_run")
        assert 0 <= check["score"] <= check["max_score"]
        assert check["message"].isprintable(), check["message"]
        assert len(check["message"]) < 2000


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_gains_and_harms_nothing(scene, name):
    judge(scene, name, SEALED)


@pytest.mark.parametrize("name", CONTROLS)
def test_control_without_isolation_gets_through(scene, name):
    """Nothing holds these: all that they reach for is the test's own, or made so that it cannot take effect."""
    scene.bait()
    scene.twin(is_notebook(name), ATTACKS[name]["checks"], OPEN)  # so that all starters are running before
    before = scene.surroundings()
    try:
        _, printed = scene.grade(scene.write(name, is_notebook(name)), ATTACKS[name]["checks"], OPEN)
        scene.canaries.mkdir(exist_ok=True)
        touched = any((scene.canaries / name).exists() for name in ("shell", "bash"))
        assert b"BREACH" in printed or touched, "the attack does nothing, so its test would prove nothing"
        after = scene.surroundings()
        for what in ("scratch", "left", "processes", "shared", "own", "descriptors"):
            assert after[what] == before[what], what
    finally:
        scene.victim.kill()
        scene.victim.wait()
        scene.put_in_place()


MODULES = [name for name in ATTACKS if not is_notebook(name)]  # notebooks need Landlock
# What is promised there only: without Landlock nothing may be opened at all, and these have to open something.
OPENING = {"one_large_file", "many_files", "unlinked_files", "many_folders", "deep_folders", "hidden_folder"}


@pytest.mark.parametrize("name", MODULES)
def test_attack_gains_and_harms_nothing_where_landlock_is_missing(scene, name):
    judge(scene, name, NO_FILES, statuses=name not in OPENING)


# Landlock alone closes files: not their modes and times, nor the system calls themselves.
BEYOND_LANDLOCK = {"change_metadata", "make_special_files", "open_by_number"}


@pytest.mark.parametrize(
    "name", [n for n in (*TABLE["reading"], *TABLE["writing"]) if n not in BEYOND_LANDLOCK]
)
def test_files_are_closed_where_seccomp_is_missing(scene, name):
    judge(scene, name, FILES_ONLY)
