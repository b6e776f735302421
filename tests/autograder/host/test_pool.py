"""The starter of workers comes when called and leaves nothing behind when closed."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.errors import MachineFault
from autograder.host import pool
from autograder.host.connection import Worker
from autograder.host.pool import Zygote

ROOT = Path(__file__).parents[3]
forks = pytest.mark.skipif(sys.platform == "darwin", reason="there each worker is what the starter becomes")


def request(tmp_path):
    return {"kind": "module", "name": "hw", "scratch": str(tmp_path), "seed": 1}


@forks
def test_closing_it_ends_all_workers_and_itself(tmp_path, limits):
    with Zygote() as zygote:
        workers = [Worker(zygote, request(tmp_path), limits()) for _ in range(3)]
        assert all(Path(f"/proc/{w.pid}").exists() for w in workers)
    assert zygote._process.returncode == 0
    assert not any(Path(f"/proc/{w.pid}").exists() for w in workers)
    for worker in workers:
        worker._close()


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_a_grader_that_is_killed_leaves_nothing_running(tmp_path):
    code = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from tests.autograder.conftest import LIMITS
from autograder.host.connection import Worker
from autograder.host.pool import Zygote
zygote = Zygote()
worker = Worker(zygote, {request(tmp_path)!r}, LIMITS)
print(zygote._process.pid, worker.pid, flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=False, timeout=30)
    end = time.monotonic() + 10
    while any(map(is_running, done.stdout.split())):
        assert time.monotonic() < end


def is_running(pid):
    try:
        return Path(f"/proc/{int(pid)}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_one_that_cannot_start_is_the_machines_fault(monkeypatch, tmp_path, limits):
    monkeypatch.setattr(pool.sys, "executable", str(tmp_path / "no python"))
    with pytest.raises(MachineFault, match="no process could be started"):
        Zygote()


def test_one_that_dies_while_it_starts_is_the_machines_fault(monkeypatch, tmp_path, limits):
    monkeypatch.setattr(pool, "_BOOT", "raise SystemExit(1)")
    with Zygote() as zygote, pytest.raises(MachineFault, match="has ended"):
        Worker(zygote, request(tmp_path), limits())


def test_a_missing_package_is_named(monkeypatch, tmp_path, limits, capfd):
    monkeypatch.setattr(pool, "_BOOT", f"import sys; sys.modules['ipykernel'] = None; {pool._BOOT}")
    with Zygote("notebook") as zygote, pytest.raises(ModuleNotFoundError) as caught:
        Worker(zygote, request(tmp_path), limits())
    assert caught.value.name.split(".")[0] == "ipykernel"
    assert capfd.readouterr().err == ""


def test_a_grader_that_gives_up_at_once_is_no_reason_for_a_traceback(capfd):
    for _ in range(3):
        Zygote().close()
    assert capfd.readouterr().err == ""


@forks
def test_one_that_is_killed_under_a_worker_is_the_machines_fault(tmp_path, limits):
    with Zygote() as zygote:
        worker = Worker(zygote, request(tmp_path), limits())
        zygote._process.kill()
        zygote._process.wait()
        with pytest.raises(MachineFault):
            worker.signal(0)
        with pytest.raises(MachineFault):
            worker.close()


@forks
def test_one_that_was_killed_is_the_machines_fault(tmp_path, limits):
    with Zygote() as zygote:
        Worker(zygote, request(tmp_path), limits()).close()
        zygote._process.kill()
        zygote._process.wait()
        with pytest.raises(MachineFault):
            Worker(zygote, request(tmp_path), limits())
