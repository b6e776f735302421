"""A report is written whole or not at all."""

import errno
import json
import os

import pytest

from autograder.errors import MachineFault, UsageError
from autograder.reporting import to_json


def test_a_report_is_written_into_a_folder_that_is_made(graded, tmp_path):
    report = graded()
    path = to_json.write(report, tmp_path / "a/b")
    assert path == tmp_path / "a/b/report.json"
    assert json.loads(path.read_text("utf-8")) == report
    assert path.read_bytes().endswith(b"}\n")
    assert os.stat(path).st_mode & 0o777 == 0o644
    assert os.listdir(path.parent) == ["report.json"]


def test_an_older_report_is_replaced(graded, not_graded, tmp_path):
    to_json.write(graded(), tmp_path)
    to_json.write(not_graded(), tmp_path)
    assert json.loads((tmp_path / "report.json").read_text())["status"] == "invalid_submission"


def test_the_same_report_gives_the_same_bytes(graded, tmp_path):
    first, second = (to_json.write(graded(), tmp_path / name).read_bytes() for name in "ab")
    assert first == second


def test_text_of_any_language_is_written_as_it_is(graded, tmp_path):
    raw = to_json.write(graded(load_failure="Überall 日本語"), tmp_path).read_bytes()
    assert "Überall 日本語".encode() in raw


@pytest.mark.parametrize("place", ["file", "file/below", "x" * 300, "taken"])
def test_a_place_that_cannot_be_written_to_is_a_usage_error(graded, tmp_path, place):
    (tmp_path / "file").write_text("")
    (tmp_path / "taken/report.json").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"^the report cannot be written to .*; choose another --output\.$"):
        to_json.write(graded(), tmp_path / place)
    assert not [n for _, _, names in os.walk(tmp_path) for n in names if n.startswith(".report-")]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_full_or_broken_disk_is_the_machines_fault_and_leaves_no_half(
    graded, tmp_path, monkeypatch, number
):
    def fail(*args):
        raise OSError(number, os.strerror(number))

    old = to_json.write(graded(), tmp_path / "out").read_bytes()
    monkeypatch.setattr(to_json.os, "replace", fail)
    with pytest.raises(MachineFault, match="the report could not be written"):
        to_json.write(graded(load_failure="x"), tmp_path / "out")
    assert (tmp_path / "out/report.json").read_bytes() == old
    assert os.listdir(tmp_path / "out") == ["report.json"]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_place_without_permission_is_a_usage_error(graded, tmp_path, monkeypatch, number):
    def fail(*args, **more):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(to_json.tempfile, "mkstemp", fail)
    with pytest.raises(UsageError):
        to_json.write(graded(), tmp_path)
