"""A notebook is run from top to bottom whatever its cells do, and its functions answer afterwards."""

import json
import time
from contextlib import suppress

import pytest

from autograder.errors import InvalidSubmission, MachineFault
from autograder.host import notebook as notebook_host
from autograder.host.ending import WorkerEnded
from autograder.host.pool import Zygote
from autograder.wire import messages


@pytest.fixture(scope="module")
def kernels():
    """A starter of kernels."""
    with Zygote("notebook") as running:
        yield running


@pytest.fixture
def open_notebook(open_session, kernels, notebook):
    """Opens a session on cells: ``open_notebook("x = 1", "def f(): return x")``; keywords are limits."""

    def start(*cells, raw=None, **limits):
        session = open_session(raw or notebook(*cells), starter=kernels, **limits)
        session.load()
        return session

    return start


def value(session, name, *args):
    return session.ask([messages.call(name, args)], 10, doing=name)[0]["value"]


FAILING = [
    ("1 / 0", "ZeroDivisionError"),
    ("import nowhere", "ModuleNotFoundError"),
    ("open('data/missing.csv')", "FileNotFoundError"),
    ("def broken(:", "SyntaxError"),
    ("print 'Python 2'", "SyntaxError"),
    ("x = input('name? ')", "StdinNotImplementedError"),
    ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ("%no_such_magic", "UsageError"),
    ("%matplotlib inline", None),
    ("%load_ext no_such_extension", "ModuleNotFoundError"),
    ("%%no_such_cell_magic\nx = 1", "UsageError"),
    ("!exit 3", None),
    ("f?", None),
    ("import sys; sys.exit(1)", "SystemExit"),
    ("exit()", None),
    ("", None),
    ("raise type('E\\n\\x1b[31m', (Exception,), {})('a\\nb')", "E  [31m"),
    ("for i in range(3):\n    print('progress', i)\nraise ValueError('last')", "ValueError"),
]


def test_cells_that_fail_are_listed_and_the_others_count(open_notebook):
    session = open_notebook("def f(): return 1", *(c for c, _ in FAILING), "def g(): return f() + 1")
    assert (value(session, "f"), value(session, "g")) == (1, 2)
    numbered = [c for c, _ in FAILING if c]
    wanted = [(2 + numbered.index(c), kind) for c, kind in FAILING if kind]
    assert [(f["cell"], f["type"]) for f in session.loaded["failed"]] == wanted
    assert session.loaded["cells"] == 2 + len(numbered)
    assert session.loaded["failed"][0] == {
        "cell": 2,
        "type": "ZeroDivisionError",
        "message": "division by zero",
        "code": "1 / 0",
    }


SILENT = """
class Silent(Exception):
    def _render_traceback_(self): return ["nothing"]
raise Silent
"""


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("import math\n\nundefined_name\nx = 1", "undefined_name"),
        ("def f():\n    return 1 / 0\n\n\nf()", "return 1 / 0"),
        ("y = 1\nint('no')  # raised elsewhere", "int('no')  # raised elsewhere"),
        ("z = 1\nearlier()", "earlier()"),
        ("a = 1\nb = (", "b = ("),
        (SILENT, "class Silent(Exception):"),
    ],
)
def test_of_a_cell_that_fails_the_line_is_shown(open_notebook, cell, line):
    session = open_notebook("\n\n\n\ndef earlier(): raise ValueError", cell)
    session.load()
    assert [failed["code"] for failed in session.loaded["failed"]] == [line]


def test_a_cell_without_end_is_interrupted_and_the_next_ones_run(open_notebook):
    session = open_notebook(
        "while True: pass", "import time; time.sleep(99)", "def f(): return 1", cell_s=0.4
    )
    assert value(session, "f") == 1
    assert [(f["cell"], f["type"], f["message"]) for f in session.loaded["failed"]] == [
        (1, "Timeout", "stopped after 0.4 seconds"),
        (2, "Timeout", "stopped after 0.4 seconds"),
    ]


DEAF = "import signal; signal.signal(2, signal.SIG_IGN)\nwhile True: pass"
DEAF_FLOOD = DEAF.replace("pass", "print('x' * 9999)")
FLOODS = [
    "while True: print('x' * 10_000)",
    "import os\nwhile True: os.write(1, b'x' * 10_000)",
    "def h(): return 3\nprint('x' * 1_200_000)",
]


def test_a_cell_that_prints_without_end_is_stopped_and_the_others_count(open_notebook):
    session = open_notebook(
        "def f(): return 1", *FLOODS, "print('x' * 9999)\ndef g(): return f() + 1", output_bytes=10**6
    )
    assert (value(session, "g"), value(session, "h")) == (2, 3)
    assert [(f["cell"], f["type"], f["message"]) for f in session.loaded["failed"]] == [
        (n, "Output", "stopped after printing more than 1 MB") for n in (2, 3, 4)
    ]
    assert session.loaded["failed"][2]["names"] == ["h"]


def test_cells_that_print_without_end_are_not_stopped_without_end(open_notebook):
    assert open_notebook(*[FLOODS[0]] * 4).load_ending.reason == "output"


@pytest.mark.parametrize(
    ("cell", "limits", "status", "reason"),
    [
        ("import os; os._exit(0)", {}, "crashed", "exit"),
        ("import ctypes; ctypes.string_at(0)", {}, "crashed", "signal"),
        (DEAF_FLOOD, {}, "crashed", "output"),
        ("while True:\n try: print('x' * 9999)\n except KeyboardInterrupt: pass", {}, "crashed", "output"),
        ("print('x' * 9_999_999, flush=True)\n" + DEAF, {}, "crashed", "output"),
        (DEAF, {"load_s": 0.9}, "timeout", "wall_time"),
    ],
)  # fmt: skip
def test_a_notebook_that_cannot_go_on_is_explained(open_notebook, cell, limits, status, reason):
    session = open_notebook("def f(): return 1", cell, **{"cell_s": 0.3 if limits else 10.0, **limits})
    assert (session.load_ending.status, session.load_ending.reason) == (status, reason)
    with pytest.raises(WorkerEnded):
        value(session, "f")
    assert session.workers_used == 1


def test_a_worker_that_ends_later_runs_the_notebook_again(open_notebook):
    session = open_notebook("import os\ncount = 1", "def f(): return count\ndef g(): os._exit(1)")
    with pytest.raises(WorkerEnded) as caught:
        value(session, "g")
    assert caught.value.ending.reason == "exit"
    assert value(session, "f") == 1
    assert session.workers_used == 2


def changed(raw, **changes):
    return json.dumps({**json.loads(raw), **changes}).encode()


def old(*sources):
    cells = [{"cell_type": "code", "input": [s], "language": "python", "outputs": []} for s in sources]
    cells.append({"cell_type": "heading", "level": 1, "source": "Title"})
    return json.dumps(
        {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    ).encode()


CELL = {
    "cell_type": "code",
    "metadata": {},
    "source": "def f(): return 1",
    "outputs": [],
    "execution_count": None,
}


@pytest.mark.parametrize(
    "raw",
    [
        {"metadata": {"kernelspec": {"name": "python2", "language": "python", "display_name": "2"}}},
        {"metadata": {"kernelspec": {"name": "conda-root-py"}, "language_info": {"name": "julia"}}},
        {"nbformat_minor": 4, "cells": [CELL]},
        {"nbformat_minor": 5, "cells": [CELL, CELL]},
        {"cells": [{**CELL, "metadata": {"tags": ["raises-exception", "skip-execution"]}}]},
        {"cells": [{k: v for k, v in CELL.items() if k not in ("outputs", "execution_count")}]},
        {"cells": [{**CELL, "source": ["def f():\r\n", "    return 1\r\n"]}]},
        {"cells": [{"cell_type": "raw", "metadata": {}, "source": "1 / 0"}, CELL]},
        b"\xef\xbb\xbf"
        + json.dumps({"nbformat": 4, "nbformat_minor": 2, "metadata": {}, "cells": [CELL]}).encode(),
        old("def f(): return 1"),
    ],
    ids=lambda r: repr(r)[:60],
)
def test_notebooks_of_many_kinds_run(open_notebook, notebook, raw):
    raw = raw if isinstance(raw, bytes) else changed(notebook("def f(): return 1"), **raw)
    session = open_notebook(raw=raw)
    assert value(session, "f") == 1
    assert session.loaded["failed"] == []


def test_a_notebook_without_code_defines_nothing(open_notebook, notebook):
    session = open_notebook(raw=notebook())
    assert session.loaded == {"cells": 0, "failed": []}
    assert session.ask([messages.call("f")], 10)[0]["error"]["type"] == "MissingName"


@pytest.mark.parametrize(
    "raw",
    [b'{"cells": [1]}', b'{"cells": [{}]}', b'{"cells": [], "nbformat": 99}', b'{"worksheets": [1]}'],
)
def test_a_notebook_that_nbformat_cannot_read_is_refused_in_one_sentence(open_notebook, raw):
    with pytest.raises(InvalidSubmission) as caught:
        open_notebook(raw=raw)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("cell", ["exit()", "quit()", "exit"])
def test_leaving_does_not_end_the_kernel_while_later_cells_run(open_notebook, cell):
    session = open_notebook(cell, "import time; time.sleep(0.1)", "def f(): return 1")
    assert value(session, "f") == 1
    assert session.loaded["failed"] == []


def test_what_cells_and_their_children_print_is_taken_without_end_in_sight(open_notebook):
    session = open_notebook(
        "import os; os.system('head -c 300000 /dev/zero')",
        "print('x' * 200_000)",
        "def f(): print('x' * 200_000); return 1",
    )
    assert value(session, "f") == 1
    assert session.loaded["failed"] == []


def test_what_cells_write_is_bounded(open_notebook):
    cell = "for i in range(10**6): open(f'{i}', 'wb').write(bytes(1 << 16))"
    assert open_notebook(cell, disk_bytes=4 << 20).load_ending.reason == "disk"


def test_errors_in_functions_name_the_line_of_their_cell(open_notebook):
    session = open_notebook("x = 1", "def f():\n    y = x\n    raise ValueError('no')\n")
    error = session.ask([messages.call("f")], 10)[0]["error"]
    assert (error["type"], error["line"], error["code"]) == ("ValueError", 3, "raise ValueError('no')")


@pytest.mark.parametrize(
    "cell",
    [
        "import os; os.write(3, b'garbage' * 10)",
        "__import__ = None",
        "import builtins; builtins.__import__ = None",
    ],
)
def test_a_cell_that_breaks_the_line_costs_answers_and_nothing_else(open_notebook, cell):
    session = open_notebook("def f(): return 1", cell, load_s=3.0)
    with suppress(WorkerEnded):
        assert session.ask([messages.call("f")], 1.0)[0].get("value", 1) == 1
    ended = session.load_ending or session._worker.ended
    assert ended is None or ended.status in ("malformed", "timeout", "crashed")


def test_a_kernel_that_cannot_start_is_the_machines_fault_and_said_at_once(open_notebook, monkeypatch):
    original = notebook_host.write_connection_file

    def unusable(folder):
        path = original(folder)
        info = json.loads(path.read_text())
        path.write_text(json.dumps(info | {"ip": str(folder / "missing" / "k")}))
        return path

    monkeypatch.setattr(notebook_host, "write_connection_file", unusable)
    began = time.monotonic()
    with pytest.raises(MachineFault, match=r"ended while it started: .*No such file"):
        open_notebook("x = 1")
    assert time.monotonic() - began < 10
