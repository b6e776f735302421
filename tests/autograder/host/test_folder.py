"""Folders of any depth and with any rights are measured and removed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.host import folder


@pytest.fixture
def made(tmp_path):
    """A folder with files, links and folders that are locked."""
    top = tmp_path / "top"
    (top / "a/b/c").mkdir(parents=True)
    (top / "a/file").write_bytes(b"x" * 5000)
    (top / "a/b/link").symlink_to(tmp_path / "outside")
    (top / "dangling").symlink_to("nowhere")
    (top / "loop").symlink_to(top)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/kept").write_text("x")
    os.mkfifo(top / "pipe")
    return top


def dig(top, depth):
    """Make folders deeper than a path may be long."""
    fd = os.open(top, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("deep", dir_fd=fd)
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=fd))
        inner = os.open("deep", os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = inner
    os.close(fd)


def test_everything_is_removed_and_links_are_not_followed(made, tmp_path):
    folder.remove(str(made))
    assert not made.exists()
    assert (tmp_path / "outside/kept").exists()


def test_a_folder_deeper_than_recursion_and_paths_go_is_removed(made):
    dig(made, sys.getrecursionlimit() + 100)
    folder.remove(str(made))
    assert not made.exists()


def test_locked_folders_are_removed(made):
    for locked in (made / "a/b/c", made / "a/b", made / "a"):
        locked.chmod(0)
    folder.remove(str(made))
    assert not made.exists()


def test_what_does_not_exist_is_removed_already(tmp_path):
    folder.remove(str(tmp_path / "nothing"))


def test_bytes_and_entries_are_counted(made):
    assert not folder.exceeds(str(made), 100_000, 10)
    assert folder.exceeds(str(made), 4000, 10)
    assert folder.exceeds(str(made), 100_000, 5)


def test_folders_too_deep_to_be_counted_are_too_much(made):
    dig(made, 600)
    assert folder.exceeds(str(made), 1 << 40, 1 << 40)
    folder.remove(str(made))


def test_what_vanishes_while_it_is_counted_does_not_matter(tmp_path):
    assert not folder.exceeds(str(tmp_path / "nothing"), 1, 1)


ROOT = Path(__file__).parents[3]


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """A folder for temporary files of its own."""
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def leave_behind(temporary):
    """A folder whose grader was killed, some time ago."""
    code = (
        "import os; from autograder.host import folder; "
        "print(folder.make()[0], flush=True); os.kill(os.getpid(), 9)"
    )
    environment = {"PYTHONPATH": str(ROOT), "TMPDIR": str(temporary), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False, timeout=60
    )
    left = Path(done.stdout.strip())
    assert left.parent == temporary, done.stderr
    (left / "work").mkdir()
    (left / "work" / "file").write_text("x")
    return age(left)


def age(path):
    os.utime(path, (1, 1), follow_symlinks=False)
    return path


def test_what_a_killed_grader_left_is_removed(temporary):
    left = leave_behind(temporary)
    folder.remove_stale()
    assert not left.exists()


def test_what_is_in_use_or_just_made_stays(temporary):
    path, mark = folder.make()
    age(path)
    fresh = leave_behind(temporary)
    os.utime(fresh)
    folder.remove_stale()
    assert os.path.isdir(path) and fresh.exists()
    os.close(mark)
    folder.remove_stale()
    assert not os.path.isdir(path)


def test_what_is_not_a_graders_own_stays_and_no_link_is_followed(temporary, tmp_path):
    """In a folder where everybody may make names, also ones that lead elsewhere."""
    left = leave_behind(temporary)
    moved = tmp_path / "elsewhere"
    left.rename(moved)
    (temporary / "grade-link").symlink_to(moved)
    age(temporary / "grade-link")
    unmarked, linked = temporary / "grade-unmarked", temporary / "grade-linked"
    for other in (unmarked, linked):
        other.mkdir()
        (other / "work").mkdir()
    (linked / folder._MARK).symlink_to(moved / folder._MARK)
    (temporary / "grade-file").write_text("x")
    for path in temporary.iterdir():
        age(path)
    folder.remove_stale()
    assert (moved / "work" / "file").exists()
    assert sorted(p.name for p in temporary.iterdir()) == [
        *("grade-file", "grade-link", "grade-linked", "grade-unmarked")
    ]
    assert (unmarked / "work").exists() and (linked / "work").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_belongs_to_somebody_else_stays(temporary):
    left = leave_behind(temporary)
    os.chown(left, 65534, -1)
    age(left)
    folder.remove_stale()
    assert left.exists()


def test_a_place_for_temporary_files_that_cannot_be_listed_is_no_reason_to_fail(monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    folder.remove_stale()
