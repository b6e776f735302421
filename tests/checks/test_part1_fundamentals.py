"""Part 1: activations, losses and the handling of data, each function alone."""

import numpy as np

from autograder.checking import (
    LostPoints,
    as_number,
    assert_close,
    assert_equal,
    assert_unmodified,
    check,
    outputs,
    require,
)

SHAPES = [(6, 3, 4), (1, 2, 5), (4, 5, 2)]  # N, D, H: all different, one batch of a single example


def probabilities(rng, N, K):
    """Rows of probabilities, none below 0.01: `log(P + eps)` and clipping agree there to 1e-10."""
    P = rng.uniform(0.05, 1.0, size=(N, K))
    return P / P.sum(axis=1, keepdims=True)


NEAR_ZERO = 1e-13  # clipping changes it, and with a target of 0 the loss hardly: what it was clipped in shows


@check("one_hot")
def test_one_hot(student, reference, rng):
    for num_classes in (4, 6):  # with 6, two classes do not occur
        y = rng.permutation([0, 2, 1, 3, 3, 0, 2])
        assert_equal(
            student.one_hot(y, num_classes), reference.one_hot(y, num_classes), "one_hot(y, num_classes)"
        )
    assert_unmodified(student, reference.one_hot)


def columns(rng):
    """Training and other data of different spread; the last column is constant."""
    X_train = rng.normal([3.0, -20.0, 0.5], [2.0, 7.0, 0.1], size=(9, 3))
    X_other = rng.normal([1.0, -10.0, 0.7], [4.0, 3.0, 0.3], size=(5, 3))
    return np.column_stack([X_train, np.full(9, 2.5)]), np.column_stack([X_other, np.full(5, 4.0)])


@check("standardize.train")
def test_standardize_train(student, reference, rng, tolerance):
    X_train, X_other = columns(rng)
    scaled, _ = outputs(student.standardize(X_train, X_other), 2, "standardize")
    expected, _ = reference.standardize(X_train, X_other)
    hint = "Mean 0 and deviation 1 (ddof=0) per column; a constant column is divided by 1."
    assert_close(scaled, expected, tolerance(), "The scaled X_train", hint=hint)
    assert_unmodified(student, reference.standardize)


@check("standardize.other")
def test_standardize_other(student, reference, rng, tolerance):
    X_train, X_other = columns(rng)
    varying = X_train[:, :3], X_other[:, :3]
    _, scaled = outputs(student.standardize(*varying), 2, "standardize")
    hint = "Which data may the mean and deviation come from?"
    assert_close(scaled, reference.standardize(*varying)[1], tolerance(), "The scaled X_other", hint=hint)
    expected, expected_other = reference.standardize(X_train, X_other)
    try:
        scaled, other = outputs(student.standardize(X_train, X_other), 2, "standardize")
        assert_close(scaled, expected, tolerance(), "The scaled X_train")
    except LostPoints:
        return  # a constant column in training is not thought of: that has cost its point there
    hint = "A column that is constant in training is divided by 1 here, too."
    assert_close(other, expected_other, tolerance(), "The scaled X_other", hint=hint)


@check("linear_forward")
def test_linear_forward(student, reference, rng, tolerance):
    for N, D, H in SHAPES:
        X, W, b = rng.normal(size=(N, D)), rng.normal(size=(D, H)), rng.normal(size=H)
        assert_close(student.linear_forward(X, W, b), reference.linear_forward(X, W, b), tolerance(), "Z")
    assert_unmodified(student, reference.linear_forward)


def first_negative(Z):
    """The same numbers with a negative one in front: np.vectorize takes the type of its first answer for all."""
    Z.flat[0] = -abs(Z.flat[0])
    return Z


@check("relu")
def test_relu(student, reference, rng, tolerance):
    for scale in (1.0, 1000.0):
        Z = first_negative(rng.normal(0.0, scale, size=(7, 5)))
        assert_close(student.relu(Z), reference.relu(Z), tolerance(), "relu(Z)")
    assert_unmodified(student, reference.relu)


@check("sigmoid.values")
def test_sigmoid_values(student, reference, rng, tolerance):
    Z = first_negative(rng.normal(0.0, 3.0, size=(6, 4)))
    assert_close(student.sigmoid(Z), reference.sigmoid(Z), tolerance(), "sigmoid(Z)")
    assert_unmodified(student, reference.sigmoid)


@check("sigmoid.extremes")
def test_sigmoid_extremes(student, reference, tolerance):
    Z = np.array([[-1000.0, 1000.0, 0.5], [-800.0, 750.0, -2.0]])
    hint = "exp(z) overflows beyond z = 709: use a form in which the exponent is never positive."
    assert_close(student.sigmoid(Z), reference.sigmoid(Z), tolerance(), "sigmoid at +-1000", hint=hint)


@check("softmax.values")
def test_softmax_values(student, reference, rng, tolerance):
    for N, K in ((5, 3), (1, 4), (3, 6)):
        Z = rng.normal(0.0, 2.0, size=(N, K))
        assert_close(student.softmax(Z), reference.softmax(Z), tolerance(), "softmax(Z)")
    assert_unmodified(student, reference.softmax)


@check("softmax.extremes")
def test_softmax_extremes(student, reference, rng, tolerance):
    # Beside 1000, single precision has steps of 6e-5: it holds multiples of 1/64, but not the logarithm of a sum.
    # That costs an error of 3e-5 of a probability, which therefore is large in the row around 0 only.
    Z = np.round(64 * rng.normal(0.0, 0.3, size=(4, 40))) / 64 + np.array(
        [[1000.0], [-1000.0], [0.0], [500.0]]
    )
    Z[2, 5] += 8
    hint = "Is each row's own maximum subtracted first, and does every row sum to 1?"
    assert_close(
        student.softmax(Z), reference.softmax(Z), tolerance(), "softmax of rows around +-1000", hint=hint
    )


@check("mse_loss")
def test_mse_loss(student, reference, rng, tolerance):
    for N, K in ((5, 3), (1, 4), (6, 1)):
        P, Y = rng.normal(size=(N, K)), rng.normal(size=(N, K))
        assert_close(student.mse_loss(P, Y), reference.mse_loss(P, Y), tolerance(), "mse_loss(P, Y)")
    assert_unmodified(student, reference.mse_loss)


@check("bce_loss.values")
def test_bce_loss_values(student, reference, rng, tolerance):
    for N, K in ((6, 1), (5, 3)):
        P, Y = rng.uniform(0.05, 0.95, size=(N, K)), rng.integers(0, 2, size=(N, K)).astype(float)
        P[0, 0], Y[0, 0] = NEAR_ZERO, 0.0
        assert_close(student.bce_loss(P, Y), reference.bce_loss(P, Y), tolerance(), "bce_loss(P, Y)")
    P, Y = rng.uniform(0.05, 0.95, size=(4, 2)), rng.uniform(size=(4, 2))
    hint = "Targets are numbers in [0, 1], and not only 0 and 1."
    assert_close(
        student.bce_loss(P, Y), reference.bce_loss(P, Y), tolerance(), "bce_loss of soft targets", hint=hint
    )
    assert_unmodified(student, reference.bce_loss)


JUST_INSIDE = 1e-3


def assert_saturated(loss, P, Y, what):
    """Certain and wrong predictions cost much, and a finite amount; certain and right ones nothing.

    They are held against the student's own loss of predictions that are nearly as certain, since its unit, be it an
    average or a sum, is judged elsewhere. Clipping at 1e-12 costs 27.6; 1e-7 (16.1) to 1e-15 (34.5) are taken as well.
    """
    value, inside = (as_number(loss(p, Y), what) for p in (P, np.clip(P, JUST_INSIDE, 1 - JUST_INSIDE)))
    hint = "Clip the probabilities before the logarithm."
    require(
        np.isfinite(value), f"{what} is {value} for probabilities of exactly 0 and 1. {hint}", "not_finite"
    )
    ratio = value / inside if inside else 0.0
    message = (
        f"{what} is {value:.4g} for certain and wrong predictions, and {inside:.4g} where the probabilities are "
        f"{JUST_INSIDE:g} away from 0 and 1. Are they clipped at 1e-12?"
    )
    require(15 <= ratio * -np.log(JUST_INSIDE) <= 40, message)
    right = as_number(loss(P[:2], Y[:2]), what)
    require(abs(right) < 1e-5, f"{what} is {right:.4g} for certain and right predictions.")


@check("bce_loss.saturated")
def test_bce_loss_saturated(student):
    P = np.array([[0.0], [1.0], [0.0], [1.0]])
    Y = np.array([[0.0], [1.0], [1.0], [0.0]])  # two are certain and right, two certain and wrong
    assert_saturated(student.bce_loss, P, Y, "bce_loss")


@check("cce_loss.values")
def test_cce_loss_values(student, reference, rng, tolerance):
    for N, K in ((5, 3), (1, 4), (7, 2)):
        P, Y = probabilities(rng, N, K), np.eye(K)[rng.integers(0, K, size=N)]
        P[0, Y[0].argmin()] = NEAR_ZERO
        P[0] /= P[0].sum()
        assert_close(student.cce_loss(P, Y), reference.cce_loss(P, Y), tolerance(), "cce_loss(P, Y)")
    assert_unmodified(student, reference.cce_loss)


@check("cce_loss.saturated")
def test_cce_loss_saturated(student):
    P, Y = np.eye(3)[[0, 1, 2, 0]], np.eye(3)[[0, 1, 1, 2]]
    assert_saturated(student.cce_loss, P, Y, "cce_loss")


@check("accuracy")
def test_accuracy(student, reference, rng, tolerance):
    P, Y = probabilities(rng, 11, 4), np.eye(4)[rng.integers(0, 4, size=11)]
    Y[:3] = np.eye(4)[P[:3].argmax(axis=1)]  # at least three are right
    assert_close(student.accuracy(P, Y), reference.accuracy(P, Y), tolerance(), "accuracy of four classes")
    P = np.array([[0.9], [0.2], [0.6], [0.4], [0.8], [0.5], [0.5]])  # 0.5 exactly is class 1
    Y = np.array([[1.0], [0.0], [0.0], [0.0], [1.0], [1.0], [1.0]])
    hint = "With one column, P >= 0.5 means class 1."
    assert_close(
        student.accuracy(P, Y), reference.accuracy(P, Y), tolerance(), "accuracy of one column", hint=hint
    )
    assert_unmodified(student, reference.accuracy)
