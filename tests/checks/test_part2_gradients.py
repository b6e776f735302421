"""Part 2: backward functions against numerical derivatives, and the student's own gradient checking.

Expected gradients are central differences of the reference's *forward* functions, weighted with a random
gradient from above: a student's mistake in a forward function costs nothing here.
"""

import numpy as np

from autograder.checking import (
    LostPoints,
    as_array,
    as_number,
    assert_close,
    assert_unmodified,
    check,
    numerical_gradient,
    outputs,
    require,
)

SHAPES = [(6, 3, 4), (1, 2, 5), (4, 5, 2)]  # N, D, H


def away_from_zero(rng, shape):
    """Numbers of both signs, none so near to zero that a difference would cross the kink of ReLU."""
    return rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.05, 2.0, size=shape)


def linear_case(rng, N, D, H):
    return rng.normal(size=(N, D)), rng.normal(size=(D, H)), rng.normal(size=H), rng.normal(size=(N, H))


@check("linear_backward.dX")
def test_linear_backward_dX(student, reference, rng, tolerance):
    for shape in SHAPES:
        X, W, b, dZ = linear_case(rng, *shape)
        expected = numerical_gradient(lambda X: np.sum(dZ * reference.linear_forward(X, W, b)), X)
        dX, _, _ = outputs(student.linear_backward(dZ, X, W), 3, "linear_backward")
        assert_close(dX, expected, tolerance("gradient"), "dX")
    assert_unmodified(student, reference.linear_backward)


@check("linear_backward.dW")
def test_linear_backward_dW(student, reference, rng, tolerance):
    for shape in SHAPES:
        X, W, b, dZ = linear_case(rng, *shape)
        expected = numerical_gradient(lambda W: np.sum(dZ * reference.linear_forward(X, W, b)), W)
        _, dW, _ = outputs(student.linear_backward(dZ, X, W), 3, "linear_backward")
        assert_close(dW, expected, tolerance("gradient"), "dW")


@check("linear_backward.db")
def test_linear_backward_db(student, reference, rng, tolerance):
    for shape in SHAPES:
        X, W, b, dZ = linear_case(rng, *shape)
        expected = numerical_gradient(lambda b: np.sum(dZ * reference.linear_forward(X, W, b)), b)
        _, _, db = outputs(student.linear_backward(dZ, X, W), 3, "linear_backward")
        assert_close(
            db,
            expected,
            tolerance("gradient"),
            "db",
            hint="It is a sum over the rows of the batch, not a mean.",
        )


@check("relu_backward")
def test_relu_backward(student, reference, rng, tolerance):
    Z, dA = away_from_zero(rng, (6, 4)), rng.normal(size=(6, 4))
    Z[0, 0] = -abs(Z[0, 0])  # np.vectorize takes the type of its first answer, here a 0, for all
    Z[2, :2] = 0.0  # as after a column of zeros, or a dropped unit
    expected = numerical_gradient(lambda Z: np.sum(dA * reference.relu(Z)), Z)
    expected[Z == 0] = 0.0  # the homework's convention: at the kink, there is no derivative
    # Beside its kink ReLU is linear, where a difference is exact: a slope of 0.01 shows in single precision, too.
    hint = "dA where Z > 0, and 0 elsewhere, also where Z is 0."
    assert_close(student.relu_backward(dA, Z), expected, tolerance(), "dZ", hint=hint)
    assert_unmodified(student, reference.relu_backward)


@check("sigmoid_backward")
def test_sigmoid_backward(student, reference, rng, tolerance):
    Z, dA = rng.normal(0.0, 2.0, size=(5, 3)), rng.normal(size=(5, 3))
    expected = numerical_gradient(lambda Z: np.sum(dA * reference.sigmoid(Z)), Z)
    answer = student.sigmoid_backward(dA, reference.sigmoid(Z))
    assert_close(answer, expected, tolerance("gradient"), "dZ", hint="A is the sigmoid's output.")
    assert_unmodified(student, reference.sigmoid_backward)


@check("mse_backward")
def test_mse_backward(student, reference, rng, tolerance):
    for N, K in ((5, 3), (1, 4), (6, 1)):
        P, Y = rng.normal(size=(N, K)), rng.normal(size=(N, K))
        expected = numerical_gradient(lambda P, Y=Y: reference.mse_loss(P, Y), P)
        assert_close(student.mse_backward(P, Y), expected, tolerance("gradient"), "dP")
    assert_unmodified(student, reference.mse_backward)


@check("sigmoid_bce_backward")
def test_sigmoid_bce_backward(student, reference, rng, tolerance):
    for N, K, kind in ((6, 1, "hard"), (5, 3, "hard"), (1, 2, "soft")):
        Z, Y = rng.normal(size=(N, K)), rng.uniform(size=(N, K))
        Y = Y.round() if kind == "hard" else Y
        expected = numerical_gradient(lambda Z, Y=Y: reference.bce_loss(reference.sigmoid(Z), Y), Z)
        answer = student.sigmoid_bce_backward(reference.sigmoid(Z), Y)
        assert_close(
            answer, expected, tolerance("gradient"), "dZ", hint="It is the gradient at the sigmoid's input."
        )
    assert_unmodified(student, reference.sigmoid_bce_backward)


@check("softmax_cce_backward")
def test_softmax_cce_backward(student, reference, rng, tolerance):
    for N, K in ((6, 3), (5, 4), (1, 2)):
        Z, Y = rng.normal(size=(N, K)), np.eye(K)[rng.integers(0, K, size=N)]
        expected = numerical_gradient(lambda Z, Y=Y: reference.cce_loss(reference.softmax(Z), Y), Z)
        answer = student.softmax_cce_backward(reference.softmax(Z), Y)
        assert_close(
            answer, expected, tolerance("gradient"), "dZ", hint="It is the gradient at the softmax's input."
        )
    assert_unmodified(student, reference.softmax_cce_backward)


def is_restored(student, kept, x):
    """Whether a function has left x as it was; then nobody is told that it changed it on the way, as it may."""
    after = as_array(kept.value(), "x", x.shape)
    # x + h - 2 h + h may differ from x in the last bits: that is restored well enough.
    restored = np.max(np.abs(after - x)) <= 1e-12
    if restored:
        student.modified.clear()
    return restored


NOT_RESTORED = "x is not what it was before the call: restore every entry."


@check("numerical_gradient")
def test_numerical_gradient(student, rng, tolerance):
    # On a sum of cubes a centred difference is off by exactly h**2 per entry, a forward one by about 3 x h.
    for shape, h in (((3, 2), 1e-2), ((4,), 3e-2), ((2, 1, 3), 1e-2)):
        x = rng.uniform(0.5, 1.5, size=shape)
        kept = student.keep(x, "x")
        answer = student.numerical_gradient(lambda x: float(np.sum(x**3)), kept, h)
        restored = is_restored(student, kept, x)
        hint = "Centred: (f(x + h) - f(x - h)) / (2 h), one entry at a time."
        assert_close(
            answer, 3 * x**2 + h**2, tolerance("gradient"), "The gradient of a sum of cubes", hint=hint
        )
        require(restored, NOT_RESTORED, "modified")
    # Weighted entries: a gradient in the wrong order would show.
    x, weights = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    kept = student.keep(x, "x")
    answer = student.numerical_gradient(lambda x: float(np.sum(weights * np.sin(x))), kept)
    restored = is_restored(student, kept, x)
    assert_close(
        answer, weights * np.cos(x), tolerance("gradient"), "The gradient of a weighted sum of sines"
    )
    require(restored, NOT_RESTORED, "modified")


@check("relative_error")
def test_relative_error(student, reference, rng, tolerance):
    a = rng.normal(size=(4, 3))
    for b in (a + rng.normal(size=a.shape), a * (1 + 1e-3 * rng.normal(size=a.shape)), -0.8 * a):
        assert_close(
            student.relative_error(a, b), reference.relative_error(a, b), tolerance(), "relative_error(a, b)"
        )
    zero = np.zeros((2, 3))
    assert_close(student.relative_error(zero, zero), 0.0, tolerance(), "relative_error of two zero arrays")
    assert_unmodified(student, reference.relative_error)


def functions_with_gradients(rng):
    """Ten functions with a gradient each and whether it is right: five have a planted mistake."""
    A = rng.normal(size=(4, 4))
    w = rng.uniform(0.5, 2.0, size=4)
    one_entry = np.array([0.0, 1e-3, 0.0, 0.0])
    quadratic = lambda x: float(x @ A @ x)  # noqa: E731
    return [
        (lambda x: float(np.sum(w * np.sin(x))), lambda x: w * np.cos(x), True),
        (quadratic, lambda x: (A + A.T) @ x, True),
        (quadratic, lambda x: 2 * (A @ x), False),  # right for symmetric matrices only
        (lambda x: float(np.sum(np.exp(x))), lambda x: np.exp(x), True),
        (lambda x: float(np.sum(np.exp(x))), lambda x: np.exp(x) + one_entry, False),  # one entry, slightly
        (lambda x: float(np.log(np.sum(np.exp(x)))), lambda x: np.exp(x) / np.sum(np.exp(x)), True),
        (lambda x: float(np.mean(x**2)), lambda x: 2 * x, False),  # the mean forgotten
        (lambda x: float(np.sum(w * x**3)), lambda x: -3 * w * x**2, False),  # the sign
        # Sizes at which an absolute error says the opposite.
        (lambda x: float(1e6 * np.sum(x**3)), lambda x: 3e6 * x**2, True),
        (lambda x: float(1e-7 * np.sum(x**2)), lambda x: 2.2e-7 * x, False),
    ]


def beside_the_tolerance(rng):
    """Pairs of function and gradient with tolerances above and below their relative error.

    All entries of a gradient have one size, all of its errors another, and they lie across it.  So with any norm, and
    entry by entry, the error is the same up to a factor of 2, while along one random direction it is anything: both
    verdicts on all pairs are right once in 200 times then.
    """
    for _ in range(6):
        size, error = rng.uniform(0.5, 2.0), 10 ** rng.uniform(-4, -2)
        gradient = size * rng.choice([-1.0, 1.0], 8)
        wrong = gradient * (1 + 2 * error * rng.permutation(np.repeat([-1.0, 1.0], 4)))
        function, told = (lambda x, g=gradient: float(g @ x)), (lambda x, w=wrong: w)
        yield function, told, True, 3 * error
        yield function, told, False, error / 1.5


@check("gradient_check")
def test_gradient_check(student, rng):
    right = 0
    cases = [*functions_with_gradients(rng), *beside_the_tolerance(rng)]
    # In an order of this seed's: a list of verdicts that was learned says nothing.
    cases = [cases[i] for i in rng.permutation(len(cases))]
    for f, gradient, verdict, *tol in cases:
        x = rng.uniform(0.3, 1.2, size=8 if tol else 4)
        answer = as_number(student.gradient_check(f, gradient, x, *tol), "gradient_check")
        if answer not in (0.0, 1.0):
            raise LostPoints.malformed("gradient_check must return True or False.")
        right += bool(answer) == verdict
    tight = lambda x: 2 * x + 1e-3  # noqa: E731
    x = np.ones(4)
    kept = student.keep(x, "x")
    answer = student.gradient_check(lambda x: float(np.sum(x**2)), tight, kept, 0.1)
    restored = is_restored(student, kept, x)
    loose = as_number(answer, "gradient_check")
    require(loose == 1.0, "gradient_check does not use its argument tol.", "wrong_values")
    # Guessing one and the same answer is right in half of the cases, and earns nothing.
    share = max(0.0, (right - len(cases) / 2) / (len(cases) / 2))
    if share < 1:
        message = f"gradient_check judges {right} of {len(cases)} pairs of function and gradient correctly."
        status = "partial" if share > 0 else "failed"
        raise LostPoints("wrong_verdicts", message, status=status, fraction=share)
    require(restored, NOT_RESTORED, "modified")
