"""Part 1: logistic regression, function by function; gradients against central differences of the reference's loss."""

import numpy as np

from autograder.checking import (
    as_array,
    as_number,
    assert_close,
    assert_equal,
    assert_unmodified,
    check,
    is_single_precision,
    numerical_gradient,
    outputs,
    require,
)

SHAPES = [(7, 3), (1, 2), (4, 5)]  # N, D: all different, one of a single example


def examples(rng, N, D):
    """Inputs, labels, weights and an intercept that is not 0."""
    return rng.normal(size=(N, D)), rng.integers(0, 2, size=N), rng.normal(size=D), float(rng.normal(1.0))


@check("sigmoid.values")
def test_sigmoid_values(student, reference, rng, tolerance):
    for shape in ((6,), (3, 4)):
        z = rng.normal(0.0, 3.0, size=shape)
        assert_close(student.sigmoid(z), reference.sigmoid(z), tolerance(), "sigmoid(z)")
    assert_unmodified(student, reference.sigmoid)


@check("sigmoid.extremes")
def test_sigmoid_extremes(student, reference, tolerance):
    z = np.array([-1000.0, 1000.0, 0.5, -800.0, 750.0, -2.0])
    hint = "exp overflows beyond 709: use a form in which its argument is never positive."
    assert_close(student.sigmoid(z), reference.sigmoid(z), tolerance(), "sigmoid at +-1000", hint=hint)


@check("log_loss.values")
def test_log_loss_values(student, reference, rng, tolerance):
    for N in (6, 1, 9):
        p, y = rng.uniform(0.05, 0.95, size=N), rng.integers(0, 2, size=N)
        assert_close(student.log_loss(p, y), reference.log_loss(p, y), tolerance(), "log_loss(p, y)")
    assert_unmodified(student, reference.log_loss)


@check("log_loss.saturated")
def test_log_loss_saturated(student):
    # Two are certain and right, two certain and wrong.
    p, y = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0, 1, 1, 0])
    loss = as_number(student.log_loss(p, y), "log_loss")
    hint = "Are probabilities clipped before the logarithm?"
    what = f"log_loss is {loss:.4g} for probabilities of exactly 0 and 1."
    require(np.isfinite(loss), f"{what} {hint}", "not_finite")
    # Clipping at 1e-12 costs 13.8 here; 1e-7 (8.1) to 1e-15 (17.3) are taken as well.
    require(7.5 <= loss <= 20, f"{what} Half of them are wrong. {hint}")


def objective(reference, X, y, l2=0.0):
    """J as a function of w and b."""
    return lambda w, b: reference.log_loss(reference.sigmoid(X @ w + b), y) + l2 * float(np.sum(w**2))


@check("log_loss_gradient.weights")
def test_gradient_weights(student, reference, rng, tolerance):
    for N, D in SHAPES:
        X, y, w, b = examples(rng, N, D)
        J = objective(reference, X, y)
        expected = numerical_gradient(lambda w, J=J, b=b: J(w, b), w)
        dw, _ = outputs(student.log_loss_gradient(X, y, w, b), 2, "log_loss_gradient")
        assert_close(dw, expected, tolerance("gradient"), "dw")
    assert_unmodified(student, reference.log_loss_gradient)


@check("log_loss_gradient.intercept")
def test_gradient_intercept(student, reference, rng, tolerance):
    for N, D in SHAPES:
        X, y, w, b = examples(rng, N, D)
        J = objective(reference, X, y)
        expected = numerical_gradient(lambda b, J=J, w=w: J(w, b), np.array(b))
        _, db = outputs(student.log_loss_gradient(X, y, w, b), 2, "log_loss_gradient")
        assert_close(db, expected, tolerance("gradient"), "db")


@check("log_loss_gradient.penalty")
def test_gradient_penalty(student, reference, rng, tolerance):
    """What the penalty adds: a mistake in the gradient of the loss costs nothing here."""
    X, y, w, b = examples(rng, 6, 4)
    expected = 2 * 0.3 * w
    parts = [outputs(student.log_loss_gradient(X, y, w, b, l2), 2, "log_loss_gradient") for l2 in (0.3, 0.0)]
    dw, dw_without = (as_array(dw, "dw", w.shape) for dw, _ in parts)
    db, db_without = (as_number(db, "db") for _, db in parts)
    # A difference of numbers in single precision is no more exact than they are.
    kind = np.float32 if is_single_precision(dw) and is_single_precision(dw_without) else np.float64
    hint = "l2 * sum(w**2) has the derivative 2 * l2 * w."
    added = (dw.astype(float) - dw_without).astype(kind)
    assert_close(added, expected, tolerance("gradient"), "What l2 adds to dw", hint=hint)
    require(abs(db - db_without) < 1e-5, "The penalty leaves db alone: the intercept is not penalized.")


@check("descend")
def test_descend(student, reference, rng, tolerance):
    for (N, D), l2 in zip(SHAPES, (0.0, 0.2, 0.1), strict=True):
        X, y, w, b = examples(rng, N, D)
        moved = outputs(student.descend(X, y, w, b, 0.7, l2), 2, "descend")
        expected = reference.descend(X, y, w, b, 0.7, l2)
        for name, got, wanted in zip(("w", "b"), moved, expected, strict=True):
            assert_close(got, wanted, tolerance(), f"{name} after a step")
    assert_unmodified(student, reference.descend)


def fitted(student, X, y, lr, steps, l2):
    """The three values of fit_logistic, of the right kinds."""
    w, b, losses = outputs(student.fit_logistic(X, y, lr, steps, l2), 3, "fit_logistic")
    return w, b, as_array(losses, "losses", (steps,))


@check("fit_logistic.weights")
def test_fit_weights(student, reference, rng, tolerance):
    for (N, D), steps, l2 in zip(SHAPES, (12, 1, 5), (0.0, 0.0, 0.1), strict=True):
        X, y, _, _ = examples(rng, N, D)
        w, b, _ = fitted(student, X, y, 0.6, steps, l2)
        expected, expected_b, _ = reference.fit_logistic(X, y, 0.6, steps, l2)
        after = f"after {steps} step{'s' * (steps > 1)}"
        assert_close(w, expected, tolerance(), f"w {after}", hint="Weights and intercept start at 0.")
        assert_close(b, expected_b, tolerance(), f"b {after}")
    assert_unmodified(student, reference.fit_logistic)


@check("fit_logistic.losses")
def test_fit_losses(student, reference, rng, tolerance):
    for l2 in (0.0, 0.2):
        X, y, _, _ = examples(rng, 8, 3)
        _, _, losses = fitted(student, X, y, 0.6, 7, l2)
        hint = "They are the losses after each step, and the penalty is no part of them."
        assert_close(losses, reference.fit_logistic(X, y, 0.6, 7, l2)[2], tolerance(), "losses", hint=hint)


@check("predict_label.values")
def test_predict_label(student, reference, rng):
    for N, D in ((30, 3), (1, 2), (20, 5)):
        X, _, w, b = examples(rng, N, D)
        expected = reference.predict_label(X, w, b)
        assert_equal(student.predict_label(X, w, b), expected, "predict_label(X, w, b)")
    assert_unmodified(student, reference.predict_label)


@check("predict_label.boundary")
def test_predict_label_boundary(student):
    X = np.array([[1.0, 2.0], [2.0, 0.0], [0.0, 4.0], [1.0, 1.5], [3.0, 3.0]])
    w, b = np.array([2.0, 1.0]), -4.0
    hint = "A probability of exactly 0.5 gives label 1."
    assert_equal(student.predict_label(X, w, b), [1, 1, 1, 0, 1], "predict_label on the boundary", hint=hint)
