"""Answers to written questions, found in a submission for the person who marks them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.intake import parsing
from autograder.intake.notebook import prose_cells
from autograder.model.rubric import ManualItem
from autograder.model.submission import Submission

MOST_CHARACTERS = 6000
"""Of one answer: some forty times what a question of a hundred words asks for."""
_BLANK = re.compile(r"\n{3,}")
_COMMENT = re.compile(r"^# ?(%%.*)?")


@dataclass(frozen=True)
class Answer:
    """What a student wrote below a question."""

    heading: str
    """With which the question begins."""
    title: str
    text: str
    """Empty if nothing was found."""


def written_answers(
    submission: Submission, template: bytes, questions: Sequence[ManualItem]
) -> tuple[Answer, ...]:
    """The text between the heading of each question and the next one, without what the template has there.

    Parameters
    ----------
    submission : Submission
    template : bytes
        The file that students got, of the same kind as the submission's.
    questions : sequence of ManualItem
        Those without a heading are left out.

    Returns
    -------
    tuple of Answer
        One for each question that has a heading, in their order.
    """
    asked = [item for item in questions if item.heading]
    headings = [item.heading for item in asked]
    given = {line for _, line in _sections(_lines(template, submission.kind), headings)}
    found: dict[str, list[str]] = {}
    for heading, line in _sections(_lines(submission.files[submission.entry], submission.kind), headings):
        found.setdefault(heading, []).append(_without(line, given))
    return tuple(
        Answer(
            item.heading.strip("*# "),
            item.title,
            _tidy("\n".join(found.get(item.heading, ())))[:MOST_CHARACTERS],
        )
        for item in asked
    )


def _lines(raw: bytes, kind: str) -> Iterator[str]:
    """The prose of a notebook; all of a module, its comments without their mark."""
    if kind == "module":
        yield from (_COMMENT.sub("", line) for line in parsing.text(raw).splitlines())
        return
    for text in prose_cells(raw):
        yield from (*text.splitlines(), "")


def _sections(lines: Iterator[str], headings: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Lines with the heading that they stand below; a heading's own line is not among them."""
    now = ""
    for line in lines:
        begun = next((heading for heading in headings if heading in line), "")
        if now and not begun:
            yield now, line.rstrip()
        now = begun or now


def _tidy(text: str) -> str:
    return _BLANK.sub("\n\n", text).strip()


def _without(line: str, given: set[str]) -> str:
    """A line without the words of the template that it begins with."""
    words = max((text for text in given if line.startswith(text)), key=len, default="")
    return line[len(words) :].strip() if words else line
