"""Folders of any depth and with any rights are measured and removed."""

import os
import sys

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
