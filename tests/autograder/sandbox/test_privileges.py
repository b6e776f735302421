"""Root keeps its view of files and loses its powers; anybody else loses nothing and gains nothing."""

import os
import resource
import sys
import threading
from pathlib import Path

import pytest

from autograder.sandbox import limits, privileges

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")
root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has powers to lose")
LIMITS = {"memory_bytes": 1 << 32, "cpu_s": 10, "file_bytes": 1 << 20, "open_files": 64, "processes": 20}


def sets():
    lines = Path("/proc/self/status").read_text().splitlines()
    return {n.split(":")[0]: int(n.split()[1], 16) for n in lines if n.startswith("Cap")}


def threads_started(most):
    """How many threads can be started, up to `most`."""
    stop, started = threading.Event(), []
    try:
        for _ in range(most):
            threading.Thread(target=stop.wait).start()
            started.append(1)
    except RuntimeError:
        pass
    stop.set()
    return len(started)


@root
def test_no_capability_is_left_and_none_comes_back(in_child):
    def inside():
        alone = privileges.drop()
        return alone, sets(), os.getresuid()

    alone, left, (real, effective, saved) = in_child(inside)
    assert not any(left[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"))
    assert (effective, saved) == (0, 0)
    assert (real != 0) == alone


@root
def test_roots_threads_are_counted(in_child):
    def inside():
        limits.apply(LIMITS, is_alone=privileges.drop())
        return threads_started(60)

    assert 1 <= in_child(inside) < 20


@root
def test_control_root_with_its_own_name_has_any_number(in_child):
    def inside():
        resource.setrlimit(resource.RLIMIT_NPROC, (20, 20))
        return threads_started(60)

    assert in_child(inside) == 60


@root
def test_an_ordinary_user_keeps_what_it_is(in_child):
    def inside():
        os.setresuid(65534, 65534, 65534)
        return privileges.drop(), os.getresuid()

    assert in_child(inside) == [False, [65534] * 3]


def test_beside_others_the_limit_is_above_what_is_running(in_child):
    def inside():
        limits.apply(LIMITS)
        return resource.getrlimit(resource.RLIMIT_NPROC)[0]

    running = int(Path("/proc/loadavg").read_text().split()[3].partition("/")[2])
    assert in_child(inside) > LIMITS["processes"] + running // 2
