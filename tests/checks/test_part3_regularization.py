"""Part 3: penalties, dropout, batch normalization and data augmentation, each function alone."""

import numpy as np

from autograder.checking import (
    RandomGenerator,
    as_array,
    assert_close,
    assert_drawn_from,
    assert_equal,
    assert_unmodified,
    check,
    numerical_gradient,
    outputs,
    require,
)


def nonzero(rng, shape):
    """Numbers of both signs away from the kink of the absolute value."""
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.1, 1.5, size=shape)


@check("penalty")
def test_penalty(student, reference, rng, tolerance):
    weights = [nonzero(rng, (3, 4)), nonzero(rng, (4, 2)), nonzero(rng, (2, 1))]
    for l1, l2 in ((0.37, 0.0), (0.0, 0.23), (0.11, 0.41)):
        answer, expected = student.penalty(weights, l1, l2), reference.penalty(weights, l1, l2)
        assert_close(answer, expected, tolerance(), f"penalty with l1={l1}, l2={l2}")
    assert_unmodified(student, reference.penalty)


@check("penalty_grad")
def test_penalty_grad(student, reference, rng, tolerance):
    W = nonzero(rng, (3, 4))
    W[0, 0] = W[1, 2:] = 0.0  # where a centred difference of |W| is 0, as sign(0) is
    for l1, l2 in ((0.37, 0.0), (0.0, 0.23), (0.11, 0.41)):
        expected = numerical_gradient(lambda W, l1=l1, l2=l2: reference.penalty([W], l1, l2), W)
        assert_close(
            student.penalty_grad(W, l1, l2),
            expected,
            tolerance("gradient"),
            f"The gradient with l1={l1}, l2={l2}",
        )
    assert_unmodified(student, reference.penalty_grad)


@check("dropout_mask")
def test_dropout_mask(student, rng):
    shape, rate = (200, 150), 0.3
    generator = student.generator(int(rng.integers(2**31)))
    first, second = (
        as_array(student.dropout_mask(shape, rate, generator), "dropout_mask", shape) for _ in range(2)
    )
    require(
        np.isin(first, (0, 1)).all(),
        "A mask holds zeros and ones only; the scaling comes in dropout_forward.",
    )
    kept = float(np.mean(first))
    for axis, name in ((0, "examples"), (1, "units")):
        # Shares per row and column of independent entries stay near the mean; whole dropped ones do not.
        shares = np.mean(first, axis=1 - axis)
        bound = 8 * np.sqrt(kept * (1 - kept) / first.shape[1 - axis])
        message = f"Whole {name} are dropped together: each unit of each example is dropped by itself."
        require(np.max(np.abs(shares - kept)) <= bound, message, "not_independent")
    # Eight standard errors: a right mask fails once in 10**15.
    spread = 8 * np.sqrt(rate * (1 - rate) / first.size)
    hint = "rate is the probability of dropping."
    require(
        abs(kept - (1 - rate)) <= spread, f"The mask keeps {kept:.0%} of the units with rate {rate}. {hint}"
    )
    for axis in (0, 1):
        # Binomial counts: their spread around the mean is below 0.35 of the expected one with a chance of 1e-13.
        counts = np.sum(first, axis=1 - axis)
        spread = np.mean((counts - (1 - rate) * first.shape[1 - axis]) ** 2)
        least = 0.35 * rate * (1 - rate) * first.shape[1 - axis]
        require(spread >= least, "The number of units that are kept must come by chance.", "not_independent")
    require(not np.array_equal(first, second), "Two calls with the same generator give the same mask.", "rng")
    # The likeliest count of 2000 has a chance of 0.02: all of eight are the same with one of 1e-12.
    several = [
        as_array(student.dropout_mask((40, 50), rate, generator), "dropout_mask", (40, 50)) for _ in range(8)
    ]
    differ = len({float(mask.sum()) for mask in several}) > 1
    require(differ, "Every mask keeps the same number of units: each must be drawn alone.", "not_independent")
    assert_drawn_from(
        lambda given: student.dropout_mask((40, 50), rate, given), int(rng.integers(2**31)), "The mask"
    )


def dropout_case(rng):
    A, dA = rng.normal(size=(6, 5)), rng.normal(size=(6, 5))
    mask = (rng.random((6, 5)) >= 0.3).astype(float)
    mask[0, 0], mask[1, 1] = 0.0, 1.0
    return A, dA, mask


@check("dropout_forward")
def test_dropout_forward(student, reference, rng, tolerance):
    A, _, mask = dropout_case(rng)
    for rate in (0.3, 0.75):
        assert_close(
            student.dropout_forward(A, mask, rate),
            reference.dropout_forward(A, mask, rate),
            tolerance(),
            "The output",
        )
    assert_unmodified(student, reference.dropout_forward)


@check("dropout_backward")
def test_dropout_backward(student, reference, rng, tolerance):
    A, dA, mask = dropout_case(rng)
    for rate in (0.3, 0.75):
        expected = numerical_gradient(lambda A, r=rate: np.sum(dA * reference.dropout_forward(A, mask, r)), A)
        assert_close(
            student.dropout_backward(dA, mask, rate), expected, tolerance("gradient"), "The gradient"
        )
    assert_unmodified(student, reference.dropout_backward)


def batchnorm_case(rng):
    """Seven examples, four columns of different mean and spread; nothing has a neutral value.

    The last column's variance is only five times eps, so that it shows where eps stands, in single precision, too.
    """
    X = rng.normal([0.5, -2.0, 0.0, 0.0], [1.0, 3.0, 0.5, 1.0], size=(7, 4))
    X[:, 3] = 0.02 + 0.007 * (X[:, 3] - X[:, 3].mean()) / X[:, 3].std()
    gamma, beta = rng.uniform(0.5, 2.0, 4), rng.normal(size=4)
    mean, var = rng.normal(size=4), rng.uniform(0.5, 2.0, 4)
    return X, gamma, beta, mean, var


@check("batchnorm_forward.train")
def test_batchnorm_train(student, reference, rng, tolerance):
    X, gamma, beta, mean, var = batchnorm_case(rng)
    Y, _, _ = outputs(student.batchnorm_forward(X, gamma, beta, mean, var, True), 3, "batchnorm_forward")
    expected = reference.batchnorm_forward(X, gamma, beta, mean, var, True)[0]
    assert_close(Y, expected, tolerance("batchnorm"), "Y in training mode")
    assert_unmodified(student, reference.batchnorm_forward, "X", "gamma", "beta")


@check("batchnorm_forward.running")
def test_batchnorm_running(student, reference, rng, tolerance):
    X, gamma, beta, mean, var = batchnorm_case(rng)
    for momentum in ((), (0.3,)):  # the default is 0.9
        answer = student.batchnorm_forward(X, gamma, beta, mean, var, True, *momentum)
        expected = reference.batchnorm_forward(X, gamma, beta, mean, var, True, *momentum)
        _, new_mean, new_var = outputs(answer, 3, "batchnorm_forward")
        assert_close(new_mean, expected[1], tolerance("batchnorm"), "The running mean")
        assert_close(new_var, expected[2], tolerance("batchnorm"), "The running variance")
    assert_unmodified(student, reference.batchnorm_forward, "mean", "var")


@check("batchnorm_forward.evaluation")
def test_batchnorm_evaluation(student, reference, rng, tolerance):
    X, gamma, beta, mean, var = batchnorm_case(rng)
    var[3] = 1e-5  # as large as eps: its place shows
    for rows in (X, X[:1]):
        answer = student.batchnorm_forward(rows, gamma, beta, mean, var, False)
        Y, new_mean, new_var = outputs(answer, 3, "batchnorm_forward")
        expected = reference.batchnorm_forward(rows, gamma, beta, mean, var, False)[0]
        assert_close(Y, expected, tolerance(), "Y in evaluation mode")
        hint = "Evaluation leaves the running statistics alone."
        assert_close(new_mean, mean, tolerance(), "The running mean", hint=hint)
        assert_close(new_var, var, tolerance(), "The running variance", hint=hint)


def batchnorm_gradients(reference, rng):
    X, gamma, beta, mean, var = batchnorm_case(rng)
    # Along the normalized X, where what the variance hands back is large, and across it.
    dY = (X - X.mean(axis=0)) / X.std(axis=0) + rng.normal(size=X.shape)

    def objective(X, gamma, beta):
        return np.sum(dY * reference.batchnorm_forward(X, gamma, beta, mean, var, True)[0])

    return (dY, X, gamma), (
        numerical_gradient(lambda X: objective(X, gamma, beta), X, step=1e-6),  # the last column is steep
        numerical_gradient(lambda gamma: objective(X, gamma, beta), gamma),
        numerical_gradient(lambda beta: objective(X, gamma, beta), beta),
    )


@check("batchnorm_backward.dX")
def test_batchnorm_backward_dX(student, reference, rng, tolerance):
    given, expected = batchnorm_gradients(reference, rng)
    dX, _, _ = outputs(student.batchnorm_backward(*given), 3, "batchnorm_backward")
    assert_close(
        dX, expected[0], tolerance("gradient"), "dX", hint="X reaches Y also through mean and variance."
    )
    assert_unmodified(student, reference.batchnorm_backward)


@check("batchnorm_backward.parameters")
def test_batchnorm_backward_parameters(student, reference, rng, tolerance):
    given, expected = batchnorm_gradients(reference, rng)
    _, dgamma, dbeta = outputs(student.batchnorm_backward(*given), 3, "batchnorm_backward")
    assert_close(dgamma, expected[1], tolerance("gradient"), "dgamma")
    assert_close(dbeta, expected[2], tolerance("gradient"), "dbeta")


@check("shift_images")
def test_shift_images(student, reference, rng, tolerance):
    images = rng.uniform(0.1, 1.0, size=(3, 5, 4))
    for dy, dx in ((1, 0), (0, 2), (-2, 1), (3, -3), (0, 0), (5, 1), (-1, 7), (-8, 1), (9, 0), (1, -6)):
        answer, expected = student.shift_images(images, dy, dx), reference.shift_images(images, dy, dx)
        assert_close(answer, expected, tolerance(), f"The result for dy={dy}, dx={dx}")
    assert_unmodified(student, reference.shift_images)


@check("augment")
def test_augment(student, reference, rng):
    N, copies, max_shift = 5, 20, 2
    images, y = rng.uniform(0.1, 1.0, size=(N, 6, 5)), np.array([3, 1, 4, 1, 5])
    answer = student.augment(images, y, copies, max_shift, RandomGenerator(int(rng.integers(2**31))))
    more, labels = outputs(answer, 2, "augment")
    more = as_array(more, "The array of images", (N * (copies + 1), 6, 5))
    labels = as_array(labels, "The array of labels", (N * (copies + 1),))
    originals_first = np.max(np.abs(more[:N] - images)) <= 1e-6
    require(originals_first, "The first images must be the originals, in their order.")
    assert_equal(labels[:N], y, "The array of the originals' labels")
    span = range(-max_shift, max_shift + 1)
    shifts = np.array([(dy, dx) for dy in span for dx in span])
    shifted = np.stack([reference.shift_images(images, dy, dx) for dy, dx in shifts])
    counts, drawn = np.zeros(N, int), []
    for image, label in zip(more[N:], labels[N:], strict=True):
        distance = np.max(np.abs(shifted - image), axis=(2, 3))  # from every shift of every original
        found = np.argwhere(distance <= 1e-6)
        require(len(found), "An image is no original shifted by at most max_shift, filled with zeros.")
        right = [(which, i) for which, i in found if y[i] == label]
        require(right, "A shifted image has another label than its original.", "wrong_label")
        drawn.append(tuple(shifts[right[0][0]]))
        counts[right[0][1]] += 1
    require((counts == copies).all(), f"Every original must have {copies} shifted copies.", "wrong_number")
    # 100 draws from 25 shifts: fewer than 23 different ones have a chance below 1e-6 each, and an end of the range
    # that never comes one of 2e-10. One shift for all images of a copy gives 20 at most.
    vertical, horizontal = np.array(drawn).T
    for along, name in ((vertical, "dy"), (horizontal, "dx")):
        ends = (along.min(), along.max()) == (-max_shift, max_shift)
        require(ends, f"{name} must come from the whole range -max_shift to max_shift.", "not_random")
    require(len(set(drawn)) > copies, "Every image must be shifted by a draw of its own.", "not_random")
    require((vertical != horizontal).any(), "dy and dx must be drawn independently.", "not_random")

    def drawn(given):
        return outputs(student.augment(images, y, copies, max_shift, given), 2, "augment")[0]

    assert_drawn_from(drawn, int(rng.integers(2**31)), "The shifts")
    assert_unmodified(student, reference.augment)
