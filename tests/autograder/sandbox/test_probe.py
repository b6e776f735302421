"""Every property holds with each set of layers, as root, as somebody, nested; and none holds without layers."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.sandbox import probe, seccomp
from autograder.sandbox.probe import PROPERTIES

ROOT = Path(__file__).parents[3]
SYSTEM_PYTHON = "/usr/bin/python3"
NOBODY = 65534
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the layers are Linux's")
LAYERS = ["landlock,seccomp", "seccomp,no-files"]


def python_for(user):
    """A Python that this user may run: the one that runs the tests may lie in somebody's home."""
    if user == os.geteuid():
        return sys.executable
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    if not os.access(SYSTEM_PYTHON, os.X_OK):
        pytest.skip("no Python outside of root's home, so nothing that an ordinary user may run")
    command = [SYSTEM_PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    if subprocess.run(command, check=False).returncode:
        pytest.skip(f"{SYSTEM_PYTHON} is older than 3.11")
    return SYSTEM_PYTHON


@pytest.fixture
def measure():
    """``measure(user, layers, nesting)``: which properties hold."""
    folders = []

    def run(user, layers, nesting=""):
        python = python_for(user)
        # Not pytest's own folder, which nobody else may enter.
        top = Path(tempfile.mkdtemp(prefix="probe-alone-"))
        folders.append(top)
        shutil.copytree(ROOT / "autograder" / "sandbox", top / "autograder" / "sandbox")
        shutil.copy(ROOT / "autograder" / "__init__.py", top / "autograder")
        for name in ("probe_alone.py", "nested.py"):
            shutil.copy(Path(__file__).with_name(name), top)
        (top / "own").mkdir()
        if user != os.geteuid():
            for path in [top, *top.rglob("*")]:
                path.chmod(0o755 if path.is_dir() else 0o644)
            os.chown(top / "own", user, user)
        command = [python, "-B", str(top / "probe_alone.py"), str(top), str(top / "own"), layers]
        if nesting:
            command = [python, "-B", str(top / "nested.py"), str(top), *command]
        change = {} if user == os.geteuid() else {"user": user, "group": user, "extra_groups": []}
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=False, cwd="/", **change
        )
        assert done.returncode == 0 and done.stdout.strip(), done.stderr
        return json.loads(done.stdout)

    yield run
    for folder in folders:
        shutil.rmtree(folder)


@pytest.mark.parametrize("nesting", ["", "nested"])
@pytest.mark.parametrize("layers", LAYERS)
@pytest.mark.parametrize("user", [0, NOBODY])
def test_every_property_holds(measure, user, layers, nesting):
    if user == 0 and os.geteuid() != 0:
        pytest.skip("not root")
    assert measure(user, layers, nesting) == dict.fromkeys(PROPERTIES, True)


@pytest.mark.parametrize("user", [0, NOBODY])
def test_control_without_layers_none_holds(measure, user):
    if user == 0 and os.geteuid() != 0:
        pytest.skip("not root")
    assert measure(user, "none") == dict.fromkeys(PROPERTIES, False)


def test_landlock_alone_closes_files_and_no_processes(measure):
    found = measure(os.geteuid(), "landlock")
    assert found["read_files"] and found["write_files"] and not found["fork"] and not found["change_files"]


def test_attempts_that_macos_needs_otherwise_show_what_is_open_and_what_is_closed(
    monkeypatch, tmp_path, in_child
):
    monkeypatch.setattr(sys, "platform", "darwin")
    facts = {"scratch": str(tmp_path), "victim": os.getpid()}

    def attempt():
        return [probe._fails(way, facts) for way in (probe._exec, probe._limit_others)]

    def inside():
        seccomp.install()
        return attempt()

    assert attempt() == [False, False]
    (tmp_path / "no-program").unlink()
    assert in_child(inside) == [True, True]
