"""Hostile sources cost their reader neither time nor memory nor an exception."""

import time

import pytest

from autograder.intake import parsing
from autograder.intake.stubs import is_untouched, written
from autograder.worker.module import decode

TEMPLATE = 'def double(x):\n    """Doubles."""\n    raise NotImplementedError\n'
NASTY = {
    "a number of 4000 digits": f"def double(x):\n    return 0x{'f' * 4000}\n",
    "the same where a stub would be": f"def double(x):\n    raise NotImplementedError(0x{'f' * 4000})\n",
    "a sum of 1200 terms": "def double(x):\n    return " + "-".join(["x"] * 1200) + "\n",
    "brackets without end": "def double(x):\n    return " + "(" * 5000 + "\n",
    "a null byte": "def double(x):\n    return '\0'\n",
    "many empty lines": "x = 1\n" + "\n" * 200_000 + "def double(x):\n    return 2 * x\n",
    "many definitions": "def double(x): return x\n" * 10_000,
    "more than is parsed": "def double(x):\n    return 2 * x\n" + "# \n" * 200_000,
}


@pytest.mark.parametrize("source", NASTY.values(), ids=NASTY.keys())
def test_nasty_code_is_work_and_quickly_told_so(source):
    began = time.process_time()
    assert not is_untouched(source, TEMPLATE)
    assert written(source, TEMPLATE) == ["double"]
    assert time.process_time() - began < 5


def test_what_cannot_be_written_down_is_equal_to_nothing():
    big, same = (parsing.statements(f"x = 0x{'f' * 4000}")[0] for _ in range(2))
    assert parsing.dumped(big) != parsing.dumped(same)
    one, two = (parsing.statements("x = 1")[0] for _ in range(2))
    assert parsing.dumped(one) == parsing.dumped(two)


def test_magics_are_passed_over_and_lines_keep_their_numbers():
    (node,) = parsing.definitions(
        "%matplotlib inline\n\n!ls\nif 1:\n    %time x\ndef f():\n    pass\n"
    ).values()
    assert node.lineno == 6


@pytest.mark.parametrize(
    "name", ["undefined", "punycode", "idna", "unicode_escape", "\0", "rot13", "none of these"]
)
def test_an_odd_declaration_is_no_reason_to_fail(name):
    raw = f"# coding: {name}\n-]\nx = 'ä'\n".encode()
    assert decode(raw)[0].endswith("x = 'ä'\n")
    assert parsing.text(raw) == decode(raw)[0]


def test_a_broken_utf16_file_has_a_text():
    assert parsing.text(b"\xff\xfex")
