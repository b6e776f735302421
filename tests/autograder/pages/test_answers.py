"""Answers to written questions are what stands below their headings and not in the template."""

import json

import pytest

from autograder.model.rubric import ManualItem
from autograder.model.submission import Submission
from autograder.pages.answers import MOST_CHARACTERS, Answer, written_answers

QUESTIONS = (
    ManualItem("a", "why", "**Question 1.**"),
    ManualItem("b", "how", "**Question 2.**"),
    ManualItem("c", "what"),
)
TEMPLATE = ("**Question 1.** Why is it so,\nand not otherwise?\n\n**Your answer:**", "**Question 2.** How?\n")


def module(*cells: str) -> bytes:
    return "\n\n".join("# %% [markdown]\n# " + cell.replace("\n", "\n# ") for cell in cells).encode()


def notebook(*cells: object) -> bytes:
    made = [cell if isinstance(cell, dict) else {"cell_type": "markdown", "source": cell} for cell in cells]
    return json.dumps({"cells": made}).encode()


def found(raw: bytes, template: bytes, kind: str) -> tuple[Answer, ...]:
    return written_answers(Submission("ada", kind, "hw", {"hw": raw}), template, QUESTIONS)


@pytest.mark.parametrize(("kind", "made"), [("module", module), ("notebook", notebook)])
def test_an_answer_is_what_the_template_does_not_have(kind, made):
    written = (TEMPLATE[0] + " Because of $x$.\nAnd so on.", "Another cell.", TEMPLATE[1] + "**So.**")
    why, how = found(made(*written), made(*TEMPLATE), kind)
    assert why == Answer("Question 1.", "why", "Because of $x$.\nAnd so on.\n\nAnother cell.")
    assert how == Answer("Question 2.", "how", "**So.**")


@pytest.mark.parametrize(("kind", "made"), [("module", module), ("notebook", notebook)])
def test_nothing_written_is_nothing(kind, made):
    assert [a.text for a in found(made(*TEMPLATE), made(*TEMPLATE), kind)] == ["", ""]
    assert [a.text for a in found(made("something else"), made(*TEMPLATE), kind)] == ["", ""]


def test_code_cells_of_a_notebook_are_no_answer():
    code = {"cell_type": "code", "source": "x = 1"}
    assert found(notebook(TEMPLATE[0], code, ["I ", "say\n", "so"]), b"", "notebook")[0].text.endswith(
        "I say\nso"
    )
    assert "x = 1" not in found(notebook(TEMPLATE[0], code), b"", "notebook")[0].text


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b'{"cells": [1, {"cell_type": "markdown", "source": [1]}]}']
)
def test_what_is_no_notebook_has_no_answers(raw):
    assert [a.text for a in found(raw, b"", "notebook")] == ["", ""]


def test_a_long_answer_is_cut():
    assert len(found(module("**Question 1.**", "a" * 20_000), b"", "module")[0].text) == MOST_CHARACTERS
