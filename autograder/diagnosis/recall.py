"""What hypotheses answer to scripts: asked for as far as it is needed, and kept for the next submission."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence

from autograder.checking.in_process import InProcessSession
from autograder.diagnosis import evidence
from autograder.diagnosis.evidence import Answer
from autograder.diagnosis.script import Script
from autograder.diagnosis.variants import Variants
from autograder.model.mistake import Change

_MOST = 3000
"""Hypotheses whose answers are kept; a few kilobytes each, since most are refuted by their first answers."""


class Recall:
    """Answers of the reference's variants.

    Parameters
    ----------
    source : Variants
    """

    def __init__(self, source: Variants) -> None:
        self._source = source
        self._kept: OrderedDict[tuple[int, tuple[Change, ...]], tuple[Script, list[Answer]]] = OrderedDict()

    def answers(self, changes: Sequence[Change], script: Script) -> Iterator[Answer]:
        """The answers of a variant to a script, one per step.

        Raises
        ------
        GraderFault
            If a change does not fit the reference.
        SyntaxError
            If the changes do not go together.
        """
        key = id(script), tuple(changes)
        if key not in self._kept:
            self._kept[key] = script, []  # with the script, whose id must not become another's
        self._kept.move_to_end(key)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        known = self._kept[key][1]
        yield from known
        if len(known) == len(script.steps()):
            return
        # Further than ever before: from the start again, since objects are changed on the way.
        session = InProcessSession(self._source.namespace(changes))
        for at, outcome in enumerate(script.answers(session)):
            if at >= len(known):
                known += evidence.read([outcome])
                yield known[at]
