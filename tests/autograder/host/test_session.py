"""Whatever a submission does, the grader learns how it ended and goes on with a fresh worker."""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from autograder.errors import MachineFault
from autograder.host.ending import WorkerEnded
from autograder.host.pool import Zygote
from autograder.model.submission import Submission
from autograder.wire import messages
from autograder.wire.values import Callback, Handle, Opaque, RandomGenerator

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


def outcome(session, name, *args, timeout_s=10.0, callbacks=(), **kwargs):
    return session.ask([messages.call(name, args, kwargs)], timeout_s, callbacks, doing=name)[0]


def value(session, name, *args, **more):
    found = outcome(session, name, *args, **more)
    assert "value" in found, found
    return found["value"]


def ending(session, name, *args, **more):
    with pytest.raises(WorkerEnded) as caught:
        outcome(session, name, *args, **more)
    return caught.value.ending


def wait_until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.002)


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


# --- what works -----------------------------------------------------------------------------------------


def test_functions_are_called_with_arguments_of_all_kinds(open_session):
    session = open_session("def f(*args, **kwargs): return args, kwargs")
    args, kwargs = value(session, "f", 1, [2.5, None], {"k": (True, "x")}, key=np.arange(3.0))
    assert args == (1, [2.5, None], {"k": (True, "x")})
    assert kwargs["key"].tolist() == [0, 1, 2]


def test_many_steps_are_one_exchange_that_stops_at_the_first_failure(open_session):
    session = open_session("def f(x): return 1 / x")
    found = session.ask([messages.call("f", (x,)) for x in (1, 2, 0, 4)], 5)
    assert [o.get("value") for o in found] == [1, 0.5, None]
    assert found[2]["error"]["type"] == "ZeroDivisionError"


def test_what_a_function_raises_is_described_with_its_line(open_session):
    session = open_session("def f(x):\n    y = x + 1\n    raise ValueError(f'bad {y}')\n")
    error = outcome(session, "f", 1)["error"]
    assert (error["type"], error["message"], error["line"], error["function"]) == (
        "ValueError",
        "bad 2",
        3,
        "f",
    )
    assert error["code"] == "raise ValueError(f'bad {y}')"
    assert "Exception" in error["bases"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("raise SystemExit(0)", "SystemExit"),
        ("import sys; sys.exit()", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise NotImplementedError", "NotImplementedError"),
        ("return input('name?')", "EOFError"),
        ("return f()", "RecursionError"),
        ("return [0] * 10**11", "MemoryError"),
        ("import numpy; return numpy.ones(2 * 10**9)", "MemoryError"),
        ("open('big', 'wb').write(bytes(2 << 20))", "OSError"),
        ("x = []; x.append(x); return x", "WireError"),
        ("import os; os.chdir('/'); raise ValueError", "ValueError"),
        ("import os, shutil; shutil.rmtree(os.getcwd()); raise ValueError", "ValueError"),
        ("class E(Exception):\n  def __str__(self): raise ValueError\n raise E", "E"),
        ("raise type('E', (Exception,), {'__str__': lambda self: 1})", "E"),
        ("raise SyntaxError('m', ('f', 'no line', 'no column', 3))", "SyntaxError"),
        ("raise SyntaxError", "SyntaxError"),
    ],
)
def test_an_exception_of_any_kind_leaves_the_worker_standing(open_session, body, kind):
    session = open_session(f"def f():\n {body}\ndef g(): return 1", file_bytes=1 << 20)
    error = outcome(session, "f")["error"]
    assert error["type"] == kind
    assert value(session, "g") == 1
    assert session.workers_used == 1


def test_a_missing_name_is_told_apart_from_an_error(open_session):
    assert outcome(open_session("x = 1"), "f")["error"]["type"] == "MissingName"


def test_an_array_that_was_changed_is_reported_and_the_graders_own_is_not(open_session):
    session = open_session("def f(a, b): a += 1; return a.sum() + b.sum()")
    a, b = np.zeros(2), np.zeros(2)
    found = outcome(session, "f", a, b)
    assert (float(found["value"]), found["modified"]) == (2.0, [0])
    assert a.tolist() == [0, 0]


def test_objects_stay_in_the_worker_and_are_named_by_handles(open_session):
    session = open_session(
        "class Net:\n  def __init__(self, n): self.n, self.w = n, {'W': 0}\n  def f(self): return self.w"
    )
    net = Handle(1)
    found = session.ask(
        [
            messages.call("Net", (3,), save_as=net),
            messages.get(net, "n"),
            messages.update(net, "w", {"W": np.ones(2)}),
            messages.call("f", on=net),
            messages.fetch(net),
            messages.drop([net]),
            messages.fetch(net),
        ],
        5,
    )
    values = [o.get("value") for o in found]
    assert values[:3] == [Opaque("Net"), 3, None]
    assert values[3]["W"].tolist() == [1, 1]
    assert values[4] == Opaque("Net")
    assert found[6]["error"]["type"] == "KeyError"


def test_a_generator_is_made_in_the_worker_from_its_seed(open_session):
    session = open_session("def f(rng): return rng.normal(size=3)")
    expected = np.random.default_rng(5).normal(size=3)
    assert value(session, "f", RandomGenerator(5)).tolist() == expected.tolist()


def test_callbacks_run_in_the_grader(open_session):
    session = open_session("def f(g): return [g(float(i)) for i in range(3)] + [g('text')]")
    seen = []

    def g(x):
        seen.append(x)
        return x * 2 if isinstance(x, float) else "other"

    assert value(session, "f", Callback(0), callbacks=[g]) == [0.0, 2.0, 4.0, "other"]
    assert seen == [0.0, 1.0, 2.0, "text"]


def test_a_callback_that_cannot_use_its_arguments_raises_in_the_students_code(open_session):
    session = open_session("def f(g):\n  try: g('text')\n  except Exception as e: return type(e).__name__\n")
    assert value(session, "f", Callback(0), callbacks=[lambda x: x / 2]) == "CallbackFailed"


def test_a_callback_that_was_not_given_ends_the_worker(open_session):
    session = open_session("def f(g): return g(1)\ndef h(): return 1")
    assert ending(session, "f", Callback(7)).reason == "protocol"
    assert value(session, "h") == 1


# --- the module -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "line", "kind"),
    [
        ("x = 1 / 0", 2, "ZeroDivisionError"),
        ("import nowhere", 2, "ModuleNotFoundError"),
        ("def broken(:\n    return 1", 2, "SyntaxError"),
        ("print 'old'", 2, "SyntaxError"),
        ("raise SystemExit", 2, "SystemExit"),
        ("exit()", 2, "SystemExit"),
        ("class A:\n    y = missing", 2, "NameError"),
        ("assert double(2) == 5, 'self-test'", 2, "AssertionError"),
        ("x = input()", 2, "EOFError"),
        ("for i in range(3):\n    pass\nelse:\n    raise ValueError", 2, "ValueError"),
        ("text = '''\nraise SystemExit\n'''\nraise ValueError", 5, "ValueError"),
    ],
)
def test_a_statement_that_fails_does_not_cost_the_others(open_session, bad, line, kind):
    session = open_session(f"def double(x): return 2 * x\n{bad}\ndef triple(x): return 3 * x\n")
    assert (value(session, "double", 2), value(session, "triple", 2)) == (4, 6)
    assert [(f["line"], f["type"]) for f in session.loaded["failed"]] == [(line, kind)]


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbfdef f(): return 1\r\n",
        b"# -*- coding: latin-1 -*-\nname = '\xe9'\ndef f(): return len(name)\n",
        "def f(): return 1".encode("utf-16"),
        b"# f\xfcr immer\ndef f(): return 1  # \xe9\x81\n",
        b"# coding: ascii\ndef f(): return len('\xfc')\n",
        b"# coding: nonsense\ndef f(): return len('\xc3\xbc')\n",
        b"def f():\r    return 1\r",
        b"from __future__ import annotations\ndef f(x: missing = 1): return x",
        b'if __name__ == "__main__":\n    raise SystemExit\ndef f(): return 1',
        b"import hw\ndef f(): return int(hw.f is f)",
        b"from helper import one\ndef f(): return one",
        b"def f(): return int(open('data/one.txt').read())",
    ],
    ids=lambda b: repr(b[:30]),
)
def test_files_of_many_kinds_are_loaded(open_session, raw):
    session = open_session("", {"hw.py": raw, "helper.py": b"one = 1", "data/one.txt": b"1"})
    assert value(session, "f") == 1
    assert session.loaded == {"failed": []}


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe\xff", b"\xa7 = 1", b"x = (" * 3000])
def test_a_file_that_cannot_be_read_defines_nothing(open_session, raw):
    session = open_session("", {"hw.py": raw})
    assert outcome(session, "f")["error"]["type"] == "MissingName"
    assert len(session.loaded["failed"]) == (1 if raw else 0)


@pytest.mark.parametrize(
    ("code", "limits", "status", "reason"),
    [
        ("import os; os._exit(0)", {}, "crashed", "exit"),
        ("import os; os.kill(os.getpid(), 9)", {}, "crashed", "signal"),
        ("while True: pass", {"load_s": 0.3}, "timeout", "wall_time"),
        ("import threading; threading.Event().wait()", {"load_s": 0.3}, "timeout", "wall_time"),
        ("while True: print('x' * 1000)", {}, "crashed", "output"),
        ("import os; os.write(3, b'x' * 100)", {}, "malformed", "protocol"),
    ],
)
def test_a_module_that_cannot_be_loaded_is_tried_once(open_session, code, limits, status, reason):
    session = open_session(code, **limits)
    session.load()
    assert (session.load_ending.status, session.load_ending.reason) == (status, reason)
    assert ending(session, "f") == session.load_ending
    assert session.workers_used == 1


# --- how a worker ends ----------------------------------------------------------------------------------

SEGFAULT = "import ctypes; ctypes.string_at(0)"
ENDINGS = [
    ("os._exit(0)", "crashed", "exit", "(exit status 0)"),
    ("os._exit(97)", "crashed", "exit", "(exit status 97)"),
    ("os.abort()", "crashed", "signal", "(SIGABRT)"),
    (SEGFAULT, "crashed", "signal", "(SIGSEGV)"),
    ("os.kill(os.getpid(), signal.SIGKILL)", "crashed", "signal", "(SIGKILL)"),
    ("os.kill(os.getpid(), signal.SIGXCPU)", "timeout", "cpu_time", "processor time"),
    ("os.killpg(0, 15)", "crashed", "signal", "(SIGTERM)"),
    ("os.close(3)", "crashed", "exit", "ended the process"),
    ("while True: pass", "timeout", "wall_time", "longer than 0.3 seconds"),
    ("time.sleep(100)", "timeout", "wall_time", "longer than 0.3 seconds"),
    ("while True: print('x' * 1000)", "crashed", "output", "printed more than"),
    ("while True: os.write(2, b'x' * 1000)", "crashed", "output", "printed more than"),
    ("os.kill(os.getpid(), signal.SIGSTOP)", "timeout", "wall_time", "longer than"),
    ("signal.signal(15, signal.SIG_IGN); signal.alarm(0); time.sleep(100)", "timeout", "wall_time", "longer"),
]


@pytest.mark.parametrize(("body", "status", "reason", "words"), ENDINGS, ids=[e[0] for e in ENDINGS])
def test_a_worker_that_ends_is_explained_and_replaced(open_session, body, status, reason, words):
    session = open_session(f"import os, signal, time\ndef f():\n {body}\ndef g(): return os.getpid()")
    first = value(session, "g")
    found = ending(session, "f", timeout_s=0.3 if reason == "wall_time" else 10)
    assert (found.status, found.reason) == (status, reason)
    assert found.message.startswith("f ")
    assert words in found.message
    assert value(session, "g") != first
    assert session.workers_used == 2


def test_processor_time_is_limited(open_session):
    session = open_session("def f():\n while True: pass", cpu_s=1)
    assert ending(session, "f").reason == "cpu_time"


def test_the_time_of_the_whole_submission_is_limited(open_session):
    session = open_session("def f():\n while True: pass\ndef g(): return 1", total_s=0.6)
    found = ending(session, "f", timeout_s=30)
    assert (found.status, found.reason) == ("timeout", "total_time")
    assert "0.6 seconds in all" in found.message
    assert ending(session, "g").reason == "total_time"


def test_workers_are_not_replaced_without_end(open_session):
    session = open_session("import os\ndef f(): os._exit(1)", restarts=2)
    assert [ending(session, "f").reason for _ in range(5)] == ["exit"] * 3 + ["restarts"] * 2


def test_output_after_the_answer_is_drained_later(open_session):
    session = open_session("def f():\n print('x' * 50_000); return 1")
    assert [value(session, "f") for _ in range(10)] == [1] * 10


def test_what_was_kept_is_gone_with_its_worker(open_session):
    session = open_session("import os\ndef f(): os._exit(1)")
    session.ask([messages.put(3, Handle(1))], 5)
    ending(session, "f")
    assert session.ask([messages.fetch(Handle(1))], 5)[0]["error"]["type"] == "KeyError"


def test_threads_do_not_keep_a_worker_alive(open_session):
    session = open_session(
        "import os, threading\n"
        "def f():\n"
        "  for _ in range(3): threading.Thread(target=threading.Event().wait).start()\n"
        "  return os.getpid()"
    )
    pid = value(session, "f")
    session.close()
    assert not Path(f"/proc/{pid}").exists()


# --- nothing is left ------------------------------------------------------------------------------------

LEAVE_BEHIND = """
import os, signal, time
def f(many=1):
    pids = []
    for _ in range(many):
        read, write = os.pipe()
        if os.fork() == 0:
            os.setsid()
            for number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)
            if os.fork() == 0:
                os.write(write, b"%d %d" % (os.getppid(), os.getpid()))
                time.sleep(1000)
            time.sleep(1000)
        pids += map(int, os.read(read, 100).split())
    return pids
def g(): os._exit(0)
"""


@linux_only
@pytest.mark.parametrize("how", ["close", "exit", "timeout"])
def test_processes_that_a_submission_leaves_behind_are_ended(open_session, how):
    session = open_session(LEAVE_BEHIND + "\ndef h(): time.sleep(1000)", open_files=256)
    pids = value(session, "f", 5)
    assert len(pids) == 10
    assert all(map(is_running, pids))
    if how == "exit":
        ending(session, "g", timeout_s=0.3)  # the others hold its line open
    elif how == "timeout":
        ending(session, "h", timeout_s=0.1)
    else:
        session.close()
    assert not any(map(is_running, pids))


@linux_only
def test_a_fork_whose_parent_has_gone_is_ended(open_session):
    session = open_session(
        "import os, time\n"
        "def f():\n"
        "  read, write = os.pipe()\n"
        "  if os.fork() == 0:\n"
        "    if os.fork() == 0:\n"
        "      os.setsid(); os.write(write, b'%d' % os.getpid()); time.sleep(1000)\n"
        "    os._exit(0)\n"
        "  return int(os.read(read, 100))"
    )
    pid = value(session, "f")
    assert is_running(pid)
    session.close()
    assert not is_running(pid)


def test_the_folder_of_a_session_is_removed(open_session):
    session = open_session("import os\ndef f(): open('x', 'w').close(); os.mkdir('y'); return os.getcwd()")
    folder = Path(value(session, "f"))
    assert folder.is_dir()
    session.close()
    assert not folder.exists()
    assert not folder.parent.exists()


def test_the_folder_of_a_session_is_removed_however_deep_it_is(open_session):
    dig = "import os\ndef f():\n  for _ in range(1200): os.mkdir('d'); os.chdir('d')\n"
    session = open_session(dig + "def g(): return os.getcwd()")
    home = Path(value(session, "g"))
    with suppress(WorkerEnded):  # the folder is looked at now and then
        outcome(session, "f")
    session.close()
    assert not home.parent.exists()


def test_each_worker_has_a_folder_of_its_own(open_session):
    session = open_session(
        "import os\ndef f(): open('x', 'w').close(); return sorted(os.listdir())\ndef g(): os._exit(0)"
    )
    assert value(session, "f") == ["hw.py", "x"]
    ending(session, "g")
    assert value(session, "f") == ["hw.py", "x"]


@pytest.mark.parametrize("name", ["n" * 300, "hw.py/inside.py", "a/../../../" + "x" * 300])
def test_files_that_no_folder_can_hold_are_no_fault_of_the_machine(open_session, name):
    from autograder.errors import InvalidSubmission

    session = open_session("x = 1", {name: b""})
    with pytest.raises(InvalidSubmission):
        session.load()


# --- what a worker can see ------------------------------------------------------------------------------


def test_the_graders_environment_does_not_reach_the_worker(open_session, monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", "hunter2")
    with Zygote() as late:
        session = open_session("import os\ndef f(): return dict(os.environ)", starter=late)
        found = value(session, "f")
        session.close()
    assert "GRADER_SECRET" not in found
    assert "hunter2" not in str(found)
    assert found["HOME"] == found["TMPDIR"]
    assert "VIRTUAL_ENV" not in found


@pytest.mark.parametrize(
    "module", ["reference", "reference.mlp", "tests", "grade", "hw_reference", "conftest"]
)
def test_the_worker_cannot_import_what_belongs_to_the_grader(open_session, module):
    session = open_session(f"import {module}")
    session.load()
    assert [f["type"] for f in session.loaded["failed"]] == ["ModuleNotFoundError"]


def test_the_worker_has_loaded_nothing_of_the_grader(open_session):
    session = open_session(
        "import sys\ndef f(): return sorted(n for n in sys.modules if n.startswith('autograder'))"
    )
    packages = {name.split(".")[1] for name in value(session, "f") if "." in name}
    assert packages <= {"wire", "sandbox", "worker"}


def test_the_submissions_folder_comes_first_on_the_path_and_the_engines_is_not_on_it(open_session):
    session = open_session("import sys, os\ndef f(): return sys.path, os.getcwd(), sys.argv")
    path, folder, argv = value(session, "f")
    assert path[0] == folder
    assert str(Path(__file__).parents[3]) not in path
    assert argv == ["hw"]


@linux_only
def test_no_descriptor_of_the_grader_is_open_in_the_worker(open_session, tmp_path):
    with open(tmp_path / "secret", "w") as secret:
        os.set_inheritable(secret.fileno(), True)
        session = open_session(
            "import os\n"
            "def f():\n"
            "  found = {}\n"
            "  for n in map(int, os.listdir('/proc/self/fd')):\n"
            "    try: found[n] = os.readlink(f'/proc/self/fd/{n}').split(':')[0]\n"
            "    except OSError: continue\n"
            "  return found"
        )
        assert value(session, "f") == {0: "/dev/null", 1: "pipe", 2: "pipe", 3: "socket"}


@linux_only
def test_descriptors_of_the_grader_do_not_grow_with_the_workers(open_session, zygote):
    def count():
        return len(os.listdir("/proc/self/fd")), len(os.listdir(f"/proc/{zygote._process.pid}/fd"))

    session = open_session("import os\ndef f(): os._exit(1)\ndef g(): return 1", restarts=100)
    value(session, "g")
    before = count()
    for _ in range(30):
        ending(session, "f")
        value(session, "g")
    assert session.workers_used == 31
    assert count() == before


def test_random_states_start_alike_in_every_worker(open_session):
    code = "import os, random, numpy\ndef f(): return random.random(), numpy.random.rand()\n"
    code += "def g(): os._exit(0)"
    session = open_session(code)
    first = value(session, "f")
    ending(session, "g")
    assert value(session, "f") == first
    assert value(open_session(code), "f") == first


# --- forged frames --------------------------------------------------------------------------------------

FORGE = """
import os, json, struct, threading, time
def frame(tree, arrays=(), body=b"", announced=None):
    header = json.dumps({"v": tree, "a": list(arrays)}).encode()
    return struct.pack("!4sIQ", b"AGW1", len(header), announced or len(body)) + header + body
def plain(value):
    return {"d": [["done", [{"d": [["value", value]]}]]]}
def g(): return 1
"""
FORGERIES = [
    ("os.write(3, b'garbage' * 10)", "malformed", "protocol"),
    ("os.write(3, b'HTTP/1.1 200 OK\\r\\n\\r\\n')", "malformed", "protocol"),
    ("os.write(3, struct.pack('!4sIQ', b'AGW1', 2**32 - 1, 0))", "malformed", "protocol"),
    ("os.write(3, struct.pack('!4sIQ', b'AGW1', 10, 2**63))", "malformed", "protocol"),
    ("os.write(3, frame(plain(1), announced=1 << 25)); time.sleep(9)", "malformed", "protocol"),
    (
        "os.write(3, frame(plain({'a': 0}), [['<f8', [1 << 22]]], announced=1 << 25)); time.sleep(9)",
        "timeout",
        "wall_time",
    ),
    ("os.write(3, frame(plain({'a': 0}), [['|O', [1]]], bytes(8)))", "malformed", "protocol"),
    ("os.write(3, frame(plain({'a': 0}), [['<f8', [1 << 39]]], bytes(8)))", "malformed", "protocol"),
    ("os.write(3, frame({'d': [['done', 3]]}))", "malformed", "protocol"),
    ("os.write(3, frame({'d': [['done', [{'d': []}]]]}))", "malformed", "protocol"),
    ("os.write(3, frame({'d': [['asks', 0], ['args', []]]}))", "malformed", "protocol"),
    (
        "os.write(3, frame({'d': [['asks', 10**9], ['args', []], ['kwargs', {'d': []}]]}))",
        "malformed",
        "protocol",
    ),
    (
        "os.write(3, frame({'d': [['asks', True], ['args', []], ['kwargs', {'d': []}]]}))",
        "malformed",
        "protocol",
    ),
    ("os.write(3, frame([[[]]] * 9 + [1]))", "malformed", "protocol"),
    ("os.write(3, b'AGW1'); time.sleep(9)", "timeout", "wall_time"),
    (
        "[(os.write(3, bytes([b])), time.sleep(0.02)) for b in struct.pack('!4sIQ', b'AGW1', 999, 0) * 99]",
        "timeout",
        "wall_time",
    ),
    ("os.dup2(os.open('/dev/null', 2), 3); time.sleep(9)", "crashed", "unknown"),
]


@pytest.mark.parametrize(("body", "status", "reason"), FORGERIES, ids=[f[0][:60] for f in FORGERIES])
def test_bytes_that_a_submission_writes_to_the_line_cost_it_the_answer_only(
    open_session, body, status, reason
):
    session = open_session(f"{FORGE}\ndef f(): {body}")
    found = ending(session, "f", timeout_s=0.4)
    assert (found.status, found.reason) == (status, reason)
    assert value(session, "g") == 1


def test_an_early_forged_answer_is_an_answer_like_any_other(open_session):
    session = open_session(f"{FORGE}\ndef f(): os.write(3, frame(plain('forged'))); return 'own'")
    assert value(session, "f") == "forged"


def test_a_forged_report_of_the_import_is_cut_down(open_session):
    forged = "[{'d': [['line', True], ['type', 'x' * 9999], ['message', 3], ['extra', 1]]}, 3] * 400"
    session = open_session(f"{FORGE}\nos.write(3, frame(plain({{'d': [['failed', {forged}]]}})))")
    session.load()
    failed = session.loaded["failed"]
    assert len(failed) <= 200
    assert all(set(f) <= {"type"} and len(f["type"]) == 500 for f in failed)


@pytest.mark.parametrize("line", ["1.5", "-3", "10**400", "True", "'7'", "None"])
def test_a_forged_line_number_is_left_out(open_session, line):
    session = open_session(
        f"{FORGE}\nos.write(3, frame(plain({{'d': [['failed', [{{'d': [['line', {line}]]}}]]]}})))"
    )
    session.load()
    assert session.loaded == {"failed": [{}]}


# --- the grader's own mistakes --------------------------------------------------------------------------


def test_what_a_check_cannot_send_is_not_held_against_the_submission(open_session):
    from autograder.wire.values import WireError

    session = open_session("def f(x): return 1")
    with pytest.raises(WireError):
        outcome(session, "f", object())
    assert value(session, "f", 1) == 1
    assert session.workers_used == 1


def test_a_full_disk_is_the_machines_fault(open_session, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    with pytest.raises(MachineFault, match="the submission's folder cannot be made"):
        open_session("x = 1").load()


def test_a_digest_names_the_files(open_session):
    files = {"a": b"1", "b": b"2"}
    digest = Submission("x", "module", "a", files).digest
    assert digest == Submission("y", "notebook", "b", dict(reversed(files.items()))).digest
    assert digest != Submission("x", "module", "a", {"a": b"12", "b": b""}).digest


def test_an_interrupt_of_the_grader_is_not_seen_by_the_worker(open_session):
    session = open_session("import os\ndef f(): return os.getpgrp(), os.getsid(0), os.getpid()")
    group, leader, pid = value(session, "f")
    assert group == leader == pid
    assert group != os.getpgrp()
    assert signal.getsignal(signal.SIGINT) is not None


# --- macOS: each worker is a process of its own --------------------------------------------------------------


@pytest.fixture
def once(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "darwin")
        starter = Zygote()
    with starter:
        yield starter


def test_without_forks_a_worker_that_ends_is_explained_and_replaced(open_session, once):
    session = open_session(
        "import os\nprint('loaded')\ndef f(): return os.getpid()\ndef leave(): os._exit(3)\n"
        "def crash(): os.abort()\ndef hang():\n  while True: pass",
        starter=once,
    )
    seen = {value(session, "f")}
    for name, reason in (("leave", "exit"), ("crash", "signal"), ("hang", "wall_time")):
        assert ending(session, name, timeout_s=0.2 if name == "hang" else 10.0).reason == reason
        seen.add(value(session, "f"))
    assert len(seen) == 4
    session.close()
    assert session.cpu_s > 0.1
    assert not any(map(is_running, seen))


def test_without_forks_a_worker_gives_up_at_its_processor_time(open_session, once):
    session = open_session("def f():\n  while True: pass", starter=once, cpu_s=1)
    assert ending(session, "f").reason == "cpu_time"


def test_a_generator_without_a_seed_gives_the_same_numbers_in_every_worker(open_session):
    source = (
        "import numpy as np\n"
        "def f():\n    return [int(np.random.default_rng().integers(2**40)) for _ in range(3)]\n"
    )
    drawn = []
    for _ in range(2):
        session = open_session(source)
        drawn.append(session.ask([messages.call("f")], 5)[0]["value"])
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == 3
