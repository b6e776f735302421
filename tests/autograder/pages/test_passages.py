"""Passages are found where code parses, in modules and notebooks, with the numbers of their lines."""

import json

import pytest

from autograder.model.submission import Submission
from autograder.pages.passages import MAX_CHARACTERS, MAX_LINES, definitions, whole
from tests.autograder.pages.made_reports import submission


def module(code):
    return Submission("ada", "module", "hw.py", {"hw.py": code.encode()})


def notebook(*cells):
    content = {
        "cells": [{"cell_type": "code", "source": c} for c in cells],
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return Submission("ada", "notebook", "hw.ipynb", {"hw.ipynb": json.dumps(content).encode()})


def numbers(passage):
    return [line.number for line in passage.lines]


def test_definitions_come_in_the_order_of_the_names_without_docstrings():
    add, double = definitions(submission(), ["add", "double", "nowhere"], {"return x + y[0]"})
    assert (add.name, add.place, [line.is_marked for line in add.lines]) == (
        "add",
        "lines 9–10",
        [False, True],
    )
    assert (double.name, numbers(double), double.lines[1].text) == ("double", [4, 6], "    return 3 * x")


def test_the_last_definition_counts_and_decorators_belong_to_it():
    code = "def f():\n    return 1\n\n\n@cache\n@other(\n    1)\ndef f():\n    return 2\n"
    (found,) = definitions(module(code), ["f"], ())
    assert numbers(found) == [5, 6, 7, 8, 9]


def test_docstrings_of_methods_are_left_out_and_one_that_is_all_there_is_stays():
    code = 'class A:\n    """A."""\n\n    def f(self):\n        """Of f,\n        in two lines."""\n        return 1\n'
    (found,) = definitions(module(code), ["A"], ())
    assert numbers(found) == [1, 3, 4, 7]
    (only,) = definitions(module('def f():\n    """Text."""\n'), ["f"], ())
    assert numbers(only) == [1, 2]
    (one_line,) = definitions(module('def f(): "text"; return 1\n'), ["f"], ())
    assert numbers(one_line) == [1]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_python_counts_them(newline):
    code = newline.join(["x = 'a\u2028b\x0cc\x85'", "\x0c", "def f():", "    return 1", ""])
    (found,) = definitions(module(code), ["f"], ())
    assert [(line.number, line.text) for line in found.lines] == [(3, "def f():"), (4, "    return 1")]


def test_a_notebooks_cells_are_counted_and_its_magics_do_not_move_lines():
    (found,) = definitions(
        notebook("import numpy", "\n", "%matplotlib inline\n\ndef f():\n    !ls\n    return 1"), ["f"], ()
    )
    assert (found.cell, found.place, found.lines[1].text) == (2, "cell 2, lines 3–5", "    !ls")


@pytest.mark.parametrize(
    "code", ["def f(:\n", "x = " + "(" * 10_000, "def f():\n  a\n b\n", "\0", "lambda: " * 20_000]
)
def test_what_does_not_parse_has_no_definitions_and_is_shown_whole(code):
    assert definitions(module(code), ["f"], ()) == []
    assert "".join(line.text for line in whole(module(code), ())[0].lines)


def test_all_code_is_shown_up_to_a_limit():
    (found,) = whole(module("x = 1\n" * (MAX_LINES + 5)), {"x = 1"})
    assert len(found.lines) == MAX_LINES and all(line.is_marked for line in found.lines)
    one_line = whole(module("x" * (MAX_CHARACTERS + 5)), ())
    assert len(one_line[0].lines[0].text) == MAX_CHARACTERS
    assert [p.place for p in whole(notebook("a", "b\nc"), ())] == ["cell 1, line 1", "cell 2, lines 1–2"]
    assert whole(module(""), ()) == []
