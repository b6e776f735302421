"""One worker: asked with a deadline, drained, and ended from outside."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from autograder.host import connection
from autograder.host.connection import Worker
from autograder.host.ending import WorkerEnded
from autograder.wire import messages


@pytest.fixture
def start(zygote, limits, tmp_path):
    """Starts a worker on a module's source: ``start("def f(): return 1")``."""
    started = []

    def worker(source, **changes):
        scratch = tmp_path / f"scratch{len(started)}"
        scratch.mkdir()
        (scratch / "hw.py").write_text(source)
        request = {"kind": "module", "name": "hw", "scratch": str(scratch), "seed": 1}
        started.append(Worker(zygote, request, limits(**changes)))
        started[-1].ask({"do": "load", "path": str(scratch / "hw.py")}, 10)
        return started[-1]

    yield worker
    for one in started:
        one.close()


def ask(worker, name, *args, timeout_s=10.0, callbacks=None):
    return worker.ask({"do": "steps", "steps": [messages.call(name, args)]}, timeout_s, callbacks, name)[0]


@pytest.mark.skipif(sys.platform == "darwin", reason="there each worker is what the starter becomes")
def test_workers_live_side_by_side_and_end_one_by_one(start):
    first, second = (start("import os\ndef f(): return os.getpid()") for _ in range(2))
    assert (ask(first, "f")["value"], ask(second, "f")["value"]) == (first.pid, second.pid)
    first.close()
    assert not Path(f"/proc/{first.pid}").exists()
    assert ask(second, "f")["value"] == second.pid
    assert second.is_alive()


def test_a_worker_that_has_ended_says_so_again(start):
    worker = start("import os\ndef f(): os._exit(3)")
    with pytest.raises(WorkerEnded) as first:
        ask(worker, "f")
    with pytest.raises(WorkerEnded) as second:
        ask(worker, "f")
    assert first.value.ending == second.value.ending == worker.ended
    assert not worker.is_alive()
    worker.close()
    assert worker.ended.reason == "exit"


def test_the_beginning_of_the_output_is_kept_and_the_rest_counted(start):
    worker = start("def f():\n  for i in range(5): print(str(i) * 39_999)\n  return 1")
    assert ask(worker, "f")["value"] == 1
    worker.close()
    assert worker.output.startswith(b"000")
    assert len(worker.output) == connection._KEPT_OUTPUT
    assert worker.output_size == 200_000


def test_output_is_drained_while_a_large_request_is_sent(start):
    worker = start("import sys\ndef f(x):\n  sys.stdout.write('x' * 500_000); return len(x)")
    assert ask(worker, "f", ["x" * 90_000] * 50)["value"] == 50


def test_a_worker_that_does_not_read_is_stopped_in_time(start):
    worker = start("")
    os.kill(worker.pid, signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(WorkerEnded) as caught:
        ask(worker, "f", ["x" * 90_000] * 50, timeout_s=0.2)
    assert caught.value.ending.reason == "wall_time"
    assert time.monotonic() - began < 5


def test_a_signal_reaches_the_worker(start):
    worker = start(
        "import signal\nseen = []\nsignal.signal(10, lambda *a: seen.append(1))\ndef f(): return len(seen)"
    )
    worker.signal(10)
    end = time.monotonic() + 10
    while ask(worker, "f")["value"] == 0:
        assert time.monotonic() < end


def test_processor_time_and_memory_are_measured(start):
    worker = start(
        "def f():\n"
        "  x = bytearray(100 << 20); x[::4096] = b'1' * len(x[::4096])\n"
        "  return sum(range(2 * 10**6))"
    )
    ask(worker, "f")
    worker.close()
    assert worker.usage["cpu_s"] > 0.01
    assert worker.usage["max_rss"] > 100 << 10


def test_the_number_of_callbacks_is_bounded(start, monkeypatch):
    from autograder.wire.values import Callback

    monkeypatch.setattr(connection, "_MAX_CALLBACKS", 50)
    worker = start("def f(g):\n  while True: g(1)")
    with pytest.raises(WorkerEnded) as caught:
        ask(worker, "f", Callback(0), callbacks={0: lambda x: x})
    assert caught.value.ending.reason == "protocol"


@pytest.mark.parametrize("error", [ValueError, TypeError, KeyError, ZeroDivisionError, AttributeError])
def test_a_callback_that_fails_on_its_arguments_is_refused_with_the_reason(start, error):
    from autograder.wire.values import Callback

    def g(x):
        raise error("no")

    worker = start("def f(g):\n  try: g(1)\n  except Exception as e: return str(e)")
    assert ask(worker, "f", Callback(0), callbacks={0: g})["value"].startswith(error.__name__)


def test_an_exception_of_the_graders_own_is_not_swallowed(start):
    from autograder.wire.values import Callback

    def g(x):
        raise RuntimeError("mine")

    worker = start("def f(g): return g(1)")
    with pytest.raises(RuntimeError, match="mine"):
        ask(worker, "f", Callback(0), callbacks={0: g})


def test_what_a_worker_writes_is_bounded_over_all_files(start):
    worker = start(
        "def f():\n  for i in range(10**6): open(f'{i}', 'wb').write(bytes(1 << 16))", disk_bytes=4 << 20
    )
    with pytest.raises(WorkerEnded) as caught:
        ask(worker, "f")
    assert caught.value.ending.reason == "disk"
