"""Questions that only diagnosis asks, on inputs in which mistakes differ that look alike in the checks."""

import numpy as np

from autograder.checking import RandomGenerator, probe


@probe("spread_centres")
def few_rows(student, rng):
    for k in (2, 3, 4):
        student.spread_centres(rng.normal(size=(6, 2)), k, RandomGenerator(int(rng.integers(2**31))))


@probe("KMeans")
def few_rounds(student, rng):
    X = rng.normal(size=(12, 2))
    for max_rounds in (1, 2, 30):
        model = student.create("KMeans", 3, max_rounds=max_rounds)
        model.fit(X, np.array(X[:3]))
        model.get("centres")
        model.get("labels")
        model.predict(rng.normal(size=(5, 2)))


@probe("update_centres")
def groups_of_one(student, rng):
    X = rng.normal(size=(4, 2))
    student.update_centres(X, np.array([3, 0, 3, 1]), rng.normal(size=(5, 2)))
