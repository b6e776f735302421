"""The profile says what is granted, whatever characters the paths hold; no macOS is needed to read it."""

import os
import sys

import pytest

from autograder.sandbox import enter, seatbelt

ODD = [
    'a "quoted" name',
    "back\\slash",
    "two\nlines",
    "car\rriage",
    'end\\"',
    ") (allow default) (",
    "; ünïcode",
]


def forms(text):
    """Read a profile as its language is read: nested lists of words, and of strings, which begin with a quote."""
    stack, at = [[]], 0
    while at < len(text):
        letter = text[at]
        at += 1
        if letter == "(":
            stack.append([])
        elif letter == ")":
            done = stack.pop()
            stack[-1].append(done)
        elif letter == '"':
            string = ""
            while (letter := text[at]) != '"':
                at += 1
                if letter == "\\":
                    letter = {"n": "\n", "r": "\r"}.get(text[at], text[at])
                    at += 1
                string += letter
            at += 1
            stack[-1].append('"' + string)
        elif not letter.isspace():
            end = at
            while end < len(text) and not text[end].isspace() and text[end] not in '()"':
                end += 1
            stack[-1].append(text[at - 1 : end])
            at = end
    assert len(stack) == 1, "brackets that do not close"
    return stack[0]


def granted(rules, operation):
    """All filters of the rules that allow an operation."""
    return [
        f
        for verb, *rest in rules
        if verb == "allow" and operation in rest
        for f in rest
        if isinstance(f, list)
    ]


def test_everything_is_refused_but_what_is_allowed():
    rules = forms(seatbelt.profile("/scratch", [], [], []))
    assert rules[:2] == [["version", "1"], ["deny", "default"]]
    assert all(verb == "allow" for verb, *_ in rules[2:])
    operations = {word for rule in rules[2:] for word in rule[1:] if isinstance(word, str)}
    assert operations == {
        *("signal", "process-info*", "sysctl-read", "file-map-executable"),
        *("file-read*", "file-read-data", "file-read-metadata", "file-write*", "file-write-data"),
    }
    assert ["allow", "signal", ["target", "self"]] in rules
    assert granted(rules, "file-write*") == [["subpath", '"/scratch']]
    assert granted(rules, "file-write-data") == [["literal", '"/dev/null'], ["literal", '"/dev/zero']]


@pytest.mark.parametrize("name", ODD)
def test_every_granted_path_is_in_it_to_the_letter(tmp_path, name):
    places = {what: str(tmp_path / f"{what} {name}") for what in ("own", "read", "listed", "sockets")}
    rules = forms(seatbelt.profile(places["own"], [places["read"]], [places["listed"]], [places["sockets"]]))
    assert ["subpath", '"' + places["read"]] in granted(rules, "file-map-executable")
    assert ["literal", '"' + places["listed"]] in granted(rules, "file-read-data")
    written = [["subpath", '"' + places[what]] for what in ("own", "sockets")]
    assert granted(rules, "file-write*") == written
    assert granted(rules, "network-bind") == [["local", "unix-socket", ["subpath", '"' + places["sockets"]]]]
    assert not granted(rules, "network-outbound")
    assert rules[:2] == [["version", "1"], ["deny", "default"]] and ["allow", "default"] not in rules


def test_a_path_through_a_link_is_granted_where_it_leads(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    rules = forms(seatbelt.profile(str(tmp_path / "link"), [], [], []))
    assert ["subpath", f'"{os.path.realpath(tmp_path)}/real'] in granted(rules, "file-write*")


def test_names_that_are_no_text_are_written_as_they_are(tmp_path):
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    assert b"/\xff" in os.fsencode(seatbelt.profile(name, [], [], []))


@pytest.mark.skipif(sys.platform == "darwin", reason="there it has the function")
def test_a_system_without_it_is_said():
    with pytest.raises(OSError, match="no sandbox_init"):
        seatbelt.restrict("/scratch", [], [], [])


class FakeLibrary:
    def __init__(self, status):
        self.asked = []

        def sandbox_init(text, flags, error):
            self.asked.append((text, flags))
            error._obj.value = b"line 3: no such filter"
            return status

        self.sandbox_init = sandbox_init


def test_a_profile_that_the_system_refuses_keeps_the_worker_from_running(monkeypatch):
    monkeypatch.setattr(seatbelt.ctypes, "CDLL", lambda name: FakeLibrary(-1))
    with pytest.raises(OSError, match="line 3: no such filter"):
        seatbelt.restrict("/scratch", [], [], [])


def test_a_worker_enters_it_with_what_the_grader_grants(monkeypatch):
    library = FakeLibrary(0)
    monkeypatch.setattr(seatbelt.ctypes, "CDLL", lambda name: library)
    monkeypatch.setattr(enter.sys, "platform", "darwin")
    monkeypatch.setattr(enter.limits, "apply", lambda *args, **kwargs: None)
    enter.enter(
        {
            **{"layers": ["seatbelt"], "limits": {}, "kind": "module", "scratch": "/scratch"},
            **{"read": ["/python"], "list": ["/packages"], "sockets": []},
        }
    )
    wanted = seatbelt.profile("/scratch", ["/python"], ["/packages"], [])
    assert library.asked == [(wanted.encode(), 0)]
