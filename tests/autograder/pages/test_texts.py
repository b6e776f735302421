"""What others wrote is harmless to look at, and short."""

import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.pages.texts import counted, listed, points, rough, short, shown


@given(st.text())
def test_nothing_invisible_is_left(text):
    kinds = {unicodedata.category(c) for c in shown(text) if c not in "\n\t\u200c\u200d"}
    assert not kinds & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_what_can_be_seen_stays(text):
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a\x1b[31mb", "a�[31mb"),
        ("user\u202egpj.exe", "user�gpj.exe"),
        ("a\r\nb\tc", "a\nb\tc"),
        ("\ud800", "�"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
    ],
)
def test_what_misleads_is_replaced(text, wanted):
    assert shown(text) == wanted


def test_a_long_text_is_cut_and_says_so():
    assert shown("x" * 50, 10) == "x" * 10 + "\n… (40 more characters)"
    assert shown("x" * 10, 10) == "x" * 10


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        (1 / 3, "0.333333"),
        (-2.0, "−2"),
        ("nan", "nan"),
        (math.inf, "inf"),
        (3, "3"),
        (True, "True"),
        (None, "None"),
    ],
)
def test_numbers_are_short(number, wanted):
    assert short(number) == wanted


def test_numbers_as_one_says_them():
    assert (rough(0.123456), rough("-inf")) == ("0.123", "-inf")
    assert [points(n) for n in (2.0, 2.5, 0.25, -3.0, 0)] == ["2", "2.5", "0.25", "−3", "0"]
    assert [counted(n, "check") for n in (0, 1, 2)] == ["0 checks", "1 check", "2 checks"]
    assert [listed(n) for n in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
