"""Trains the reference's models as the checks do, so that a page can show them beside a student's."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from autograder.checking.fixtures import Fixtures, reference_module
from autograder.checking.in_process import InProcessSession
from autograder.checking.run import collect
from autograder.model.assignment import Assignment
from autograder.pages.trainings import Reference, best_of


class ReferenceTrainings:
    """The trainings of an assignment's reference, made when they are asked for and kept.

    Parameters
    ----------
    assignment : Assignment
    """

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._checks: dict[str, Callable[..., None]] | None = None
        self._known: dict[int, Reference] = {}

    def of(self, seed: int) -> Reference:
        """The records of all checks that train, with the random numbers of this seed.

        Raises
        ------
        GraderFault
            If a check or the reference cannot be run.
        """
        if seed not in self._known:
            self._known[seed] = self._train(seed)
        return self._known[seed]

    def _train(self, seed: int) -> Reference:
        if self._checks is None:
            self._checks = {i: check for i, check in collect(self._assignment).items() if _trains(check)}
        namespace = vars(reference_module(self._assignment.reference))
        records: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for check_id, check in self._checks.items():
            # A namespace for each: what one check leaves behind must not reach the next.
            fixtures = Fixtures(self._assignment, InProcessSession(dict(namespace)), seed)
            for record in fixtures.run(check, check_id).training:
                records.setdefault((check_id, record["task"]), []).append(dict(record))
        return {key: best_of(found) for key, found in records.items()}


def _trains(check: Callable[..., None]) -> bool:
    return "record_training" in inspect.signature(check).parameters
