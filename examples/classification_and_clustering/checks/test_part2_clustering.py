"""Part 2: k-means, step by step, with centres of the grader's; random draws are judged by their distribution."""

import numpy as np

from autograder.checking import (
    RandomGenerator,
    as_array,
    assert_close,
    assert_drawn_from,
    assert_equal,
    assert_refused,
    assert_unmodified,
    check,
    require,
)

SHAPES = [(9, 3, 2), (1, 2, 3), (12, 4, 5)]  # N, K, D


def points(rng, N, K, D):
    """Points, labels that are not those of the nearest centres, and centres."""
    return rng.normal(size=(N, D)), rng.integers(0, K, size=N), rng.normal(size=(K, D))


def seed(rng):
    return int(rng.integers(2**31))


@check("assign.nearest")
def test_assign(student, reference, rng):
    for shape in SHAPES:
        X, _, centres = points(rng, *shape)
        centres[0] *= 4  # a long centre has large products with the points, and lies far away
        assert_equal(student.assign(X, centres), reference.assign(X, centres), "assign(X, centres)")
    X = np.array([[0.0, 0.0], [1.0, 1.0]])
    centres = np.array([[2.0, 2.0], [0.0, 3.0]])  # the second is nearer to the first point by city blocks
    assert_equal(student.assign(X, centres), reference.assign(X, centres), "assign(X, centres)")
    assert_unmodified(student, reference.assign)


@check("assign.ties")
def test_assign_ties(student):
    X = np.array([[0.0, 0.0], [2.0, 1.0], [4.0, 0.0], [2.0, -3.0]])
    centres = np.array([[4.0, 2.0], [0.0, 2.0], [4.0, -2.0], [0.0, 2.0]])
    hint = "Of equally near centres the first one counts."
    assert_equal(student.assign(X, centres), [1, 0, 0, 2], "assign between equally near centres", hint=hint)


@check("update_centres.means")
def test_update_means(student, reference, rng, tolerance):
    for N, K, D in ((9, 3, 2), (7, 2, 3)):
        X, labels, centres = points(rng, N, K, D)
        labels[:K] = rng.permutation(K)  # no group is empty
        expected = reference.update_centres(X, labels, centres)
        assert_close(student.update_centres(X, labels, centres), expected, tolerance(), "The centres")
    assert_unmodified(student, reference.update_centres)


@check("update_centres.empty")
def test_update_empty(student, rng, tolerance):
    X, _, centres = points(rng, 6, 4, 2)
    labels = np.array([2, 0, 2, 0, 0, 2])
    moved = as_array(student.update_centres(X, labels, centres), "The centres", centres.shape)
    hint = "A group without points keeps its centre."
    assert_close(moved[[1, 3]], centres[[1, 3]], tolerance(), "The centres of empty groups", hint=hint)


@check("inertia")
def test_inertia(student, reference, rng, tolerance):
    for shape in SHAPES:
        X, labels, centres = points(rng, *shape)
        hint = "The group of each point is the given one, nearest or not."
        answer = student.inertia(X, labels, centres)
        assert_close(answer, reference.inertia(X, labels, centres), tolerance(), "inertia", hint=hint)
    assert_unmodified(student, reference.inertia)


@check("spread_centres.rows")
def test_spread_rows(student, reference, rng):
    X = rng.normal(size=(7, 3))
    for k in (1, 4, 7):  # with 7, every row is drawn: a row that is a centre has probability 0
        centres = as_array(student.spread_centres(X, k, RandomGenerator(seed(rng))), "The centres", (k, 3))
        rows = np.abs(X[np.newaxis] - centres[:, np.newaxis]).max(axis=2) < 1e-6
        require(rows.any(axis=1).all(), "Every centre must be a row of X.")
        require((rows.sum(axis=0) <= 1).all(), "A row was drawn twice: its distance from itself is 0.")
    assert_unmodified(student, reference.spread_centres)


@check("spread_centres.refused")
def test_spread_refused(student, rng):
    X = rng.normal(size=(3, 2))
    generator = RandomGenerator(seed(rng))
    assert_refused(lambda: student.spread_centres(X, 4, generator), "spread_centres of 4 out of 3 rows")


DRAWS = 500


@check("spread_centres.distribution")
def test_spread_distribution(student, rng):
    """30 points at 0, one at 1 and one at 4: after a first 0, 1 has probability 1/17; by distances alone, 1/5."""
    X = np.array([[0.0]] * 30 + [[1.0], [4.0]])
    assert_drawn_from(lambda g: student.spread_centres(X, 2, g), seed(rng), "The centres")
    drawn = student.generator(seed(rng))
    pairs = [as_array(student.spread_centres(X, 2, drawn), "The centres", (2, 1))[:, 0] for _ in range(DRAWS)]
    firsts = np.mean([first == 0 for first, _ in pairs])
    # Of correct work a deviation of 0.011 is expected in the first share and of 0.011 in the second one.
    message = "The first centre must be any row with the same probability."
    require(abs(firsts - 30 / 32) < 0.06, message, "distribution")
    seconds = np.array([second for first, second in pairs if first == 0])
    near = np.mean(seconds == 1)
    message = "Further centres must be drawn with probabilities in proportion to the squared distances."
    require(near > 0 and abs(near - 1 / 17) < 0.065 and not np.any(seconds == 0), message, "distribution")


def grouped(rng, N, K, D):
    """Points in loose groups, and K of them in a row as first centres, so that a fit takes several rounds."""
    X = rng.normal(size=(N, D)) + 2 * rng.integers(0, K, size=(N, 1))
    return X, np.array(X[np.argsort(X[:, 0])[:K]])


@check("KMeans.fit")
def test_kmeans_fit(student, reference, rng, tolerance):
    for N, K, D in ((40, 3, 2), (25, 4, 3)):
        X, first = grouped(rng, N, K, D)
        theirs, ours = student.create("KMeans", K), reference.KMeans(K)
        theirs.fit(X, first)
        ours.fit(X, first)
        assert_close(theirs.get("centres"), ours.centres, tolerance(), "centres after fit")
        assert_equal(theirs.get("labels"), ours.labels, "labels after fit")
    assert_unmodified(student, reference.KMeans.fit)


@check("KMeans.history")
def test_kmeans_history(student, reference, rng, tolerance):
    for max_rounds in (100, 2):
        X, first = grouped(rng, 40, 4, 2)
        expected = reference.KMeans(4, max_rounds=max_rounds).fit(X, first)
        history = student.create("KMeans", 4, max_rounds=max_rounds).fit(X, first)
        hint = "One inertia for each round, with its updated centres; the round in which no label changes is the last."
        assert_close(history, expected, tolerance(), "The history", hint=hint)


@check("KMeans.predict")
def test_kmeans_predict(student, reference, rng):
    X, first = grouped(rng, 30, 3, 2)
    theirs, ours = student.create("KMeans", 3), reference.KMeans(3)
    theirs.fit(X, first)
    ours.fit(X, first)
    for M in (30, 11):  # as many as were fitted, and others
        new = rng.normal(1.0, 2.0, size=(M, 2))
        assert_equal(theirs.predict(new), ours.predict(new), "predict of new points")


@check("KMeans.start")
def test_kmeans_start(student, rng):
    X = rng.normal(size=(20, 2))

    def start(generator):
        model = student.create("KMeans", 3, max_rounds=1, rng=generator)
        model.fit(X)
        return as_array(model.get("centres"), "centres", (3, 2))

    assert_drawn_from(start, seed(rng), "The first centres")
    starts = {start(RandomGenerator(seed(rng))).tobytes() for _ in range(4)}
    require(len(starts) > 1, "Other random numbers must give other first centres.", "rng")
