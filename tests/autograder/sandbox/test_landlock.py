"""What has no grant is closed, in every version of Landlock up to this kernel's."""

import os
import sys

import pytest

from autograder.sandbox import landlock

VERSION = landlock.abi() if sys.platform == "linux" else 0
pytestmark = pytest.mark.skipif(not VERSION, reason="this kernel has no Landlock")


@pytest.fixture
def places(tmp_path):
    for name in ("open", "readable", "listed", "closed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("x")
    return tmp_path


def attempts(places):
    """What works in each of the folders, by name."""
    found = {}
    for name in ("open", "readable", "listed", "closed"):
        folder = str(places / name)
        for what, way in {
            "read": lambda f=folder: open(f + "/file").close(),
            "list": lambda f=folder: os.listdir(f),
            "write": lambda f=folder: open(f + "/file", "r+").close(),
            "make": lambda f=folder: open(f + "/new", "w").close(),
            "folder": lambda f=folder: os.mkdir(f + "/folder"),
            "remove": lambda f=folder: os.unlink(f + "/file"),
            "link": lambda f=folder: os.symlink("x", f + "/link"),
            "pipe": lambda f=folder: os.mkfifo(f + "/pipe"),
        }.items():
            try:
                way()
                found.setdefault(name, []).append(what)
            except OSError:
                found.setdefault(name, [])
    return found


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_rights_are_what_is_granted(places, in_child, monkeypatch, version):
    monkeypatch.setattr(landlock, "abi", lambda: version)

    def inside():
        grants = [("open", landlock.WRITE), ("readable", landlock.READ), ("listed", landlock.LIST)]
        landlock.restrict([*((str(places / n), rights) for n, rights in grants), ("/nowhere", landlock.READ)])
        return attempts(places)

    assert in_child(inside) == {
        "open": ["read", "list", "write", "make", "folder", "remove"],
        "readable": ["read", "list"],
        "listed": ["list"],
        "closed": [],
    }


def test_control_without_landlock_all_is_open(places, in_child):
    everything = ["read", "list", "write", "make", "folder", "remove", "link", "pipe"]
    assert in_child(lambda: attempts(places)) == dict.fromkeys(
        ("open", "readable", "listed", "closed"), everything
    )


def test_a_link_leads_nowhere_that_is_closed(places, in_child):
    (places / "readable" / "link").symlink_to(places / "closed" / "file")

    def inside():
        landlock.restrict([(str(places / "readable"), landlock.READ)])
        try:
            open(places / "readable" / "link").close()
        except PermissionError:
            return "closed"
        return "open"

    assert in_child(inside) == "closed"


def test_a_kernel_without_it_is_said(monkeypatch):
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    with pytest.raises(OSError, match="no Landlock"):
        landlock.restrict([])
