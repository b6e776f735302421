"""What is handed in as an attack: each gets one clear sentence, or an ordinary grade, within time and memory."""

import io
import json
import os
import resource
import stat
import struct
import sys
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from autograder.assignment.load import load
from autograder.errors import AutograderError, UsageError
from autograder.host import folder
from autograder.intake.read import read
from autograder.pipeline import grade

ROOT = Path(__file__).parents[2]
RELU = b"import numpy as np\n\n\ndef relu(Z):\n    return np.maximum(Z, 0.0)\n"
MOST_SECONDS, MOST_MEMORY = 20, 2 << 30
posix = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and devices are POSIX's")


@pytest.fixture(scope="module")
def assignment():
    return load(ROOT)


def graded(path, assignment):
    """Score of ``relu`` and the report; within the time and memory that a submission may cost."""
    began = time.monotonic()
    report = grade(Path(path), assignment, entry=None, seed=1, selected={"relu"})
    assert time.monotonic() - began < MOST_SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10 < MOST_MEMORY
    json.dumps(report, allow_nan=False).encode()
    assert report["status"] in ("graded", "invalid_submission"), report["message"]
    return report


def refused(path, assignment, *words):
    """It is not graded, and one sentence says why."""
    report = graded(path, assignment)
    assert report["status"] == "invalid_submission"
    assert report["score"] is None
    for word in words:
        assert word in report["message"]
    assert len(report["message"]) < 400


def accepted(path, assignment):
    report = graded(path, assignment)
    assert (report["status"], report["score"]) == ("graded", 1.0), report["message"]


def make_zip(path, entries):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def notebook(*sources, outputs=(), **metadata):
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
    cells[0]["outputs"] = list(outputs)
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def shown(mime, content):
    return {"output_type": "display_data", "metadata": {}, "data": {mime: content}}


def test_a_zip_that_unpacks_to_gigabytes(tmp_path, assignment):
    bomb = make_zip(tmp_path / "x.zip", [("mlp.py", RELU), ("zeros", bytes(300 << 20))])
    assert bomb.stat().st_size < 1 << 20
    refused(bomb, assignment, "too much")


def test_a_zip_that_announces_less_than_it_holds(tmp_path, assignment):
    data = zlib.compress(bytes(300 << 20))[2:-4]
    name, lies = b"mlp.py", (20, 0, 8, 0, 0, 0, len(data), 100)
    local = struct.pack("<4s5H3I2H", b"PK\3\4", *lies[:5], *lies[5:], len(name), 0) + name + data
    central = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, *lies[:5], *lies[5:], len(name), *[0] * 6) + name
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local), 0)
    (tmp_path / "x.zip").write_bytes(local + central + end)
    refused(tmp_path / "x.zip", assignment)


def test_zips_in_zips_are_not_opened(tmp_path, assignment):
    inner = bytes(1 << 20)
    for _ in range(5):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(4):
                archive.writestr(f"{number}.zip", inner)
        inner = made.getvalue()
    accepted(make_zip(tmp_path / "x.zip", [("mlp.py", RELU), ("nested.zip", inner)]), assignment)


@pytest.mark.parametrize("name", ["../mlp.py", "/etc/mlp.py", "a/../../mlp.py", "..\\mlp.py", "C:/mlp.py"])
def test_a_zip_whose_paths_lead_outside(tmp_path, assignment, name):
    refused(make_zip(tmp_path / "x.zip", [(name, RELU)]), assignment, "outside")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices_in_a_zip_are_left_out(tmp_path, assignment, kind):
    odd = zipfile.ZipInfo("data.txt")
    odd.external_attr = (kind | 0o777) << 16
    path = make_zip(tmp_path / "x.zip", [("mlp.py", RELU), (odd, str(ROOT / "reference" / "mlp.py"))])
    assert set(read(path, assignment).files) == {"mlp.py"}
    accepted(path, assignment)


def test_a_zip_with_a_hundred_thousand_files(tmp_path, assignment):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for number in range(100_000):
            archive.writestr(f"{number}.py", b"")
    refused(tmp_path / "x.zip", assignment, "2000 files")


@posix
def test_links_in_a_folder_are_not_followed(tmp_path, assignment):
    (tmp_path / "mlp.py").symlink_to(ROOT / "reference" / "mlp.py")
    (tmp_path / "more").symlink_to(ROOT / "reference")
    (tmp_path / "loop").symlink_to(tmp_path)
    refused(tmp_path, assignment, "mlp.py")


@posix
def test_a_pipe_is_not_waited_for(tmp_path, assignment):
    os.mkfifo(tmp_path / "mlp.py")
    refused(tmp_path, assignment, "mlp.py")
    with pytest.raises(UsageError, match="no file"):
        read(tmp_path / "mlp.py", assignment)


@posix
def test_a_pipe_beside_the_work(tmp_path, assignment):
    (tmp_path / "mlp.py").write_bytes(RELU)
    os.mkfifo(tmp_path / "data.csv")
    accepted(tmp_path, assignment)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root makes devices")
def test_a_device_beside_the_work(tmp_path, assignment):
    (tmp_path / "mlp.py").write_bytes(RELU)
    try:
        os.mknod(tmp_path / "zero.py", stat.S_IFCHR | 0o600, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("no devices can be made here")
    accepted(tmp_path, assignment)


def test_a_hundred_thousand_files(tmp_path, assignment):
    (tmp_path / "mlp.py").write_bytes(RELU)
    top = os.open(tmp_path, os.O_RDONLY)
    for number in range(100_000):
        os.close(os.open(f"f{number}", os.O_CREAT | os.O_WRONLY, dir_fd=top))
    os.close(top)
    refused(tmp_path, assignment, "2000 files")


def test_folders_deeper_than_recursion_goes(tmp_path, assignment):
    (tmp_path / "mlp.py").write_bytes(RELU)
    deep = str(tmp_path)
    for _ in range(1500):
        deep += "/d"
        os.mkdir(deep)
    refused(tmp_path, assignment, "too deep")
    folder.remove(str(tmp_path / "d"))  # pytest's own removal is recursive


def test_a_file_of_two_gigabytes(tmp_path, assignment):
    (tmp_path / "mlp.py").write_bytes(RELU)
    with open(tmp_path / "data.bin", "wb") as file:
        file.truncate(2 << 30)
    refused(tmp_path, assignment, "256 MB")


def test_a_module_of_two_gigabytes(tmp_path, assignment):
    with open(tmp_path / "mlp.py", "wb") as file:
        file.truncate(2 << 30)
    refused(tmp_path / "mlp.py", assignment, "256 MB")


HOOKS = [
    "conftest.py",
    "sitecustomize.py",
    "usercustomize.py",
    "json.py",
    "socket.py",
    "autograder.py",
    "pytest.py",
]


def test_files_that_python_and_pytest_run_by_themselves(tmp_path, assignment):
    canary = tmp_path / "ran"
    submission = tmp_path / "work"
    submission.mkdir()
    (submission / "mlp.py").write_bytes(RELU)
    for name in HOOKS:
        (submission / name).write_text(f"open({str(canary)!r}, 'w').close()\nraise SystemExit(0)\n")
    (submission / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    (submission / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '--collect-only'\n")
    accepted(submission, assignment)
    assert not canary.exists()


def test_a_module_named_numpy_costs_its_owner_only(tmp_path, assignment):
    (tmp_path / "mlp.py").write_bytes(RELU)
    (tmp_path / "numpy.py").write_text("raise SystemExit(0)\n")
    assert graded(tmp_path, assignment)["status"] == "graded"


@posix
@pytest.mark.parametrize(
    "name", ["a\nb", "::error::x", "\x1b[2J", "=1+1", b"\xff\xfe", "x" * 200, "-rf", "' \""]
)
def test_odd_names(tmp_path, assignment, name):
    odd = os.path.join(os.fsencode(tmp_path), os.fsencode(name))
    os.mkdir(odd)
    for file in (b"mlp.py", os.fsencode(name)):
        with open(os.path.join(odd, file), "wb") as opened:
            opened.write(RELU)
    accepted(os.fsdecode(odd), assignment)


@pytest.mark.parametrize(
    ("raw", "score"),
    [
        ("# -*- coding: latin-1 -*-\n# ä\n".encode("latin-1") + RELU, 1.0),
        ("# ä\n".encode("latin-1") + RELU, 1.0),
        (b"\xef\xbb\xbf" + RELU, 1.0),
        (RELU.decode().encode("utf-16"), 1.0),
        (b"# coding: no-such\n" + RELU, 1.0),
        (RELU + b"\x00" * 10, None),
        (RELU.replace(b"\n", b"\r"), 1.0),
        (b"(" * 100_000 + b"\n" + RELU, None),
    ],
)
def test_sources_that_are_not_utf_8(tmp_path, assignment, raw, score):
    (tmp_path / "mlp.py").write_bytes(raw)
    report = graded(tmp_path, assignment)
    assert score is None or (report["status"], report["score"]) == ("graded", score)


def test_a_notebook_with_200_mb_of_outputs(tmp_path, assignment):
    outputs = [shown("text/html", "<script>alert(1)</script>" * 40_000)] * 200
    path = tmp_path / "mlp.ipynb"
    path.write_text(json.dumps(notebook(RELU.decode(), outputs=outputs)))
    assert path.stat().st_size > 190 << 20
    graded(path, assignment)


def test_outputs_with_pages_and_programs_are_not_kept(tmp_path, assignment):
    outputs = [shown("text/html", "<script>x</script>"), shown("application/javascript", "alert(1)")]
    (tmp_path / "mlp.ipynb").write_text(json.dumps(notebook(RELU.decode(), outputs=outputs)))
    report = graded(tmp_path, assignment)
    assert report["score"] == 1.0
    assert "script" not in json.dumps(report) and "alert" not in json.dumps(report)


def test_a_kernel_of_the_notebooks_own_is_not_started(tmp_path, assignment):
    canary = tmp_path / "ran"
    submission = tmp_path / "work"
    spec = {"argv": ["/bin/sh", "-c", f"touch {canary}"], "display_name": "x", "language": "python"}
    for place in ("kernels/own", ".local/share/jupyter/kernels/own", "share/jupyter/kernels/own"):
        (submission / place).mkdir(parents=True)
        (submission / place / "kernel.json").write_text(json.dumps(spec))
    made = notebook(RELU.decode(), kernelspec={"name": "own", "display_name": "x", "language": "bash"})
    (submission / "mlp.ipynb").write_text(json.dumps(made))
    accepted(submission, assignment)
    assert not canary.exists()


def test_files_that_a_kernel_would_load_at_its_start_are_not_loaded_before_it_is_shut_in(
    tmp_path, assignment
):
    submission = tmp_path / "work"
    startup = submission / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    code = "import socket\nsocket.socket(socket.AF_UNIX).close()\nEARLY = True\n"
    (startup / "00-early.py").write_text(code)
    for name in ("ipython_config.py", "ipython_kernel_config.py"):
        (startup.parent / name).write_text(f"c.InteractiveShellApp.exec_lines = [{code!r}]\n")
    cell = "\nif 'EARLY' in globals():\n    relu = None\n"
    (submission / "mlp.ipynb").write_text(json.dumps(notebook(RELU.decode() + cell)))
    accepted(submission, assignment)


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b', "nbformat": 4}',
        b'{"cells": [{"cell_type": "code", "source": 7}], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
        b'{"cells": [7, null], "nbformat": 4, "metadata": {}}',
        b'{"cells": [], "nbformat": 1e999, "metadata": []}',
        b'{"cells": [], "nbformat": ' + b"9" * 5000 + b"}",
        b'{"worksheets": {}, "nbformat": 3}',
        b"\xff\xfe\x00",
    ],
)
def test_broken_notebooks_get_a_sentence_or_a_grade(tmp_path, assignment, raw):
    (tmp_path / "mlp.ipynb").write_bytes(raw)
    graded(tmp_path, assignment)


@pytest.mark.parametrize("entry", ["../secret.py", "/etc/passwd"])
def test_the_entry_is_looked_for_inside_only(tmp_path, assignment, entry):
    (tmp_path / "secret.py").write_bytes(RELU)
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "mlp.py").write_bytes(RELU)
    with pytest.raises(AutograderError):
        read(tmp_path / "work", assignment, entry)
