"""Part 3: the network and its training loop, with injected weights, masks and statistics.

Draws do not matter: all weights are set from here, and networks that train on minibatches are judged by what
does not depend on the order of the batches.
"""

import numpy as np

from autograder.checking import (
    LostPoints,
    RandomGenerator,
    as_array,
    as_number,
    assert_close,
    check,
    is_single_precision,
    numerical_gradient,
    outputs,
    require,
)
from autograder.checking.gradients import of_students_loss


class Case:
    """The same network twice, the student's and the reference's, with the same weights and statistics."""

    def __init__(self, student, reference, rng, sizes, output, rows=7, **settings):
        seed = int(rng.integers(2**31))
        self.ours = reference.MLP(sizes, output=output, rng=np.random.default_rng(seed), **settings)
        self.theirs = student.create("MLP", sizes, output=output, rng=RandomGenerator(seed), **settings)
        for key, value in self.ours.params.items():
            centre = 1.0 if key.startswith("gamma") else 0.0
            self.ours.params[key] = centre + rng.uniform(0.2, 0.9, value.shape) * rng.choice(
                [-1.0, 1.0], value.shape
            )
        for key, value in self.ours.running.items():
            self.ours.running[key] = rng.uniform(0.3, 1.5, value.shape)
        self.inject()
        self.X = rng.normal(size=(rows, sizes[0]))
        K = sizes[-1]
        self.Y = {
            "softmax": np.eye(K)[rng.integers(0, K, rows)],
            "sigmoid": rng.integers(0, 2, (rows, K)).astype(float),
            "linear": rng.normal(size=(rows, K)),
        }[output]

    def inject(self):
        self.theirs.update("params", self.ours.params)
        if self.ours.running:
            self.theirs.update("running", self.ours.running)

    def loss_and_grads(self, *masks):
        """The student's answer, held to its form."""
        loss, grads = outputs(self.theirs.loss_and_grads(self.X, self.Y, *masks), 2, "loss_and_grads")
        missing = set(self.ours.params) - set(grads) if isinstance(grads, dict) else {"grads"}
        if missing:
            raise LostPoints.malformed(
                f"loss_and_grads must return a dict of gradients; {min(missing)} is missing."
            )
        return as_number(loss, "The loss"), {k: as_array(grads[k], f"grads['{k}']") for k in self.ours.params}

    def expected_grads(self, *masks):
        """Central differences of the reference's loss in training mode."""

        def loss(key, value):
            saved, self.ours.params[key] = self.ours.params[key], value
            running = dict(self.ours.running)
            try:
                return self.ours.loss_and_grads(self.X, self.Y, *masks)[0]
            finally:
                self.ours.params[key], self.ours.running = saved, running

        params = dict(self.ours.params)
        return {key: numerical_gradient(lambda v, k=key: loss(k, v), value) for key, value in params.items()}

    def assert_gradients(self, tolerance, *masks):
        """Loss and gradients in training mode, against numerical derivatives of the reference's loss."""
        running = dict(self.ours.running)
        loss, grads = self.loss_and_grads(*masks)
        assert_close(
            loss, self.ours.loss_and_grads(self.X, self.Y, *masks)[0], tolerance("batchnorm"), "The loss"
        )
        self.ours.running = running
        expected = self.expected_grads(*masks)
        # A bias before batch normalization has gradient 0: errors are measured by the largest of the network.
        scale = max(float(np.max(np.abs(g))) for g in expected.values())
        for key, gradient in expected.items():
            assert_close(grads[key], gradient, tolerance("gradient"), f"grads['{key}']", scale=scale)


@check("MLP.parameters")
def test_parameters(student, rng):
    sizes = [200, 100, 3]
    model = student.create("MLP", sizes, batchnorm=True, rng=RandomGenerator(int(rng.integers(2**31))))
    params, running = model.get("params"), model.get("running")
    shapes = {"W1": (200, 100), "b1": (100,), "gamma1": (100,), "beta1": (100,), "W2": (100, 3), "b2": (3,)}
    for name, found, wanted in (
        ("params", params, shapes),
        ("running", running, {"mean1": (100,), "var1": (100,)}),
    ):
        if not isinstance(found, dict) or set(found) != set(wanted):
            raise LostPoints.malformed(f"{name} must be a dict with the keys {', '.join(wanted)}.")
        for key, shape in wanted.items():
            values = as_array(found[key], f"{name}['{key}']", shape)
            if not key.startswith("W"):
                start = 1.0 if key.startswith(("gamma", "var")) else 0.0
                require((values == start).all(), f"{name}['{key}'] must be {start:g} at the start.")
    std, n = np.sqrt(2 / 200), 20_000
    got = float(np.std(params["W1"]))
    near = abs(got - std) <= 8 * std / np.sqrt(2 * n)
    require(near, f"The deviation of W1 is {got:.3g}; the default is He initialization.", "wrong_spread")
    plain = student.create("MLP", [3, 2], rng=RandomGenerator(1))
    keys = plain.get("params")
    require(
        isinstance(keys, dict) and set(keys) == {"W1", "b1"}, "Without hidden layers params are W1 and b1."
    )


@check("MLP.predict_proba")
def test_predict_proba(student, reference, rng, tolerance):
    networks = [
        ([3, 5, 4], "softmax", {}),
        ([2, 4, 3, 1], "sigmoid", {"hidden": "sigmoid"}),
        ([3, 6, 2], "linear", {}),
        ([4, 3], "softmax", {}),
    ]
    for sizes, output, settings in networks:
        case = Case(student, reference, rng, sizes, output, **settings)
        what = f"predict_proba of {sizes} with {output} output"
        assert_close(case.theirs.predict_proba(case.X), case.ours.predict_proba(case.X), tolerance(), what)


@check("MLP.evaluation")
def test_evaluation(student, reference, rng, tolerance):
    case = Case(student, reference, rng, [3, 6, 5, 2], "softmax", dropout=0.4, batchnorm=True)
    expected = case.ours.predict_proba(case.X)
    hint = "Evaluation uses the running statistics and drops nothing."
    for _ in range(2):  # a second call must not find changed statistics
        assert_close(
            case.theirs.predict_proba(case.X), expected, tolerance("batchnorm"), "predict_proba", hint=hint
        )


@check("MLP.loss")
def test_loss(student, reference, rng, tolerance):
    for output in ("softmax", "sigmoid", "linear"):
        case = Case(student, reference, rng, [3, 5, 2], output, l1=0.013, l2=0.027, dropout=0.3)
        expected = case.ours.loss(case.X, case.Y)
        assert_close(
            case.theirs.loss(case.X, case.Y), expected, tolerance(), f"loss with {output} output and penalty"
        )


@check("MLP.gradients")
def test_gradients(student, reference, rng, tolerance):
    case = Case(student, reference, rng, [4, 6, 5, 3], "softmax")
    loss, grads = case.loss_and_grads()
    assert_close(loss, case.ours.loss_and_grads(case.X, case.Y)[0], tolerance(), "The loss")
    is_single = any(is_single_precision(g) for g in grads.values())
    if is_single:  # numerical derivatives of a single-precision loss mean nothing
        case.assert_gradients(tolerance)
        return
    # The loss is right; its own numerical derivatives are what the gradients must be.
    expected = of_students_loss(case.theirs, "params", case.ours.params, "loss_and_grads", case.X, case.Y)
    scale = max(float(np.max(np.abs(g))) for g in expected.values())
    for key, gradient in expected.items():
        what = f"grads['{key}']"
        assert_close(grads[key], gradient, tolerance("gradient"), what, scale=scale)


@check("MLP.gradients_outputs")
def test_gradients_outputs(student, reference, rng, tolerance):
    for sizes, output, hidden in (([3, 5, 2], "sigmoid", "sigmoid"), ([3, 4, 2], "linear", "relu")):
        Case(student, reference, rng, sizes, output, hidden=hidden).assert_gradients(tolerance)


@check("MLP.gradients_penalty")
def test_gradients_penalty(student, reference, rng, tolerance):
    Case(student, reference, rng, [3, 5, 2], "softmax", l1=0.013, l2=0.027).assert_gradients(tolerance)


@check("MLP.gradients_dropout")
def test_gradients_dropout(student, reference, rng, tolerance):
    case = Case(student, reference, rng, [3, 6, 5, 2], "softmax", dropout=0.3)
    masks = [(rng.random((7, size)) >= 0.3).astype(float) for size in (6, 5)]
    case.assert_gradients(tolerance, masks)
    # Without given masks the network draws its own: two calls see different ones.
    losses = {round(case.loss_and_grads()[0], 12) for _ in range(4)}
    require(len(losses) > 1, "Without given masks every call must draw new ones.", "rng")


@check("MLP.gradients_batchnorm")
def test_gradients_batchnorm(student, reference, rng, tolerance):
    case = Case(student, reference, rng, [3, 5, 2], "softmax", batchnorm=True)
    case.assert_gradients(tolerance)
    case.inject()
    case.theirs.loss_and_grads(case.X, case.Y)
    case.ours.loss_and_grads(case.X, case.Y)
    running = case.theirs.get("running")
    for key, value in case.ours.running.items():
        found = as_array(running.get(key) if isinstance(running, dict) else None, f"running['{key}']")
        assert_close(found, value, tolerance("batchnorm"), f"running['{key}'] after a training step")


# -- training ----------------------------------------------------------------------------------------


@check("train.trajectory")
def test_trajectory(student, reference, rng, tolerance):
    """Ten epochs of full-batch descent have no randomness: every loss and every weight is known."""
    epochs = 10
    case = Case(student, reference, rng, [2, 6, 3], "softmax", rows=20, l2=0.01)
    X_val, Y_val = rng.normal(size=(8, 2)), np.eye(3)[rng.integers(0, 3, 8)]
    expected = reference.train(
        case.ours, case.X, case.Y, reference.SGD(0.3), epochs, X_val=X_val, Y_val=Y_val
    )
    history = student.train(
        case.theirs, case.X, case.Y, student.create("SGD", 0.3), epochs, X_val=X_val, Y_val=Y_val
    )
    params = case.theirs.get("params")
    for key, value in case.ours.params.items():
        found = params.get(key) if isinstance(params, dict) else None
        assert_close(found, value, tolerance(), f"{key} after {epochs} epochs of full-batch descent")
    for key in ("train_loss", "val_loss"):
        found = history.get(key) if isinstance(history, dict) else None
        hint = "One value per epoch: model.loss after the epoch's last step."
        assert_close(found, expected[key], tolerance(), f"history['{key}']", hint=hint)


@check("train.minibatches")
def test_minibatches(student, reference, rng, tolerance):
    """With a tiny rate the sum of all steps is -lr times the sum of all batch gradients, in any order."""
    rows, batch_size, lr, epochs = 24, 6, 1e-6, 2
    case = Case(student, reference, rng, [3, 5, 2], "softmax", rows=rows)
    start = {key: value.copy() for key, value in case.ours.params.items()}
    _, grads = case.ours.loss_and_grads(case.X, case.Y)
    student.train(
        case.theirs,
        case.X,
        case.Y,
        student.create("SGD", lr),
        epochs,
        batch_size,
        RandomGenerator(int(rng.integers(2**31))),
    )
    params = case.theirs.get("params")
    # Second-order effects of the steps are of the size of lr; single precision would drown the updates.
    bound = 1e-3
    scale = max(float(np.max(np.abs(g))) for g in grads.values())
    for key, gradient in grads.items():
        found = as_array(
            params.get(key) if isinstance(params, dict) else None, f"params['{key}']", gradient.shape
        )
        if is_single_precision(found):
            return assert_minibatches_single(student, case, start, grads, rng)
        summed = (start[key] - found) / (lr * epochs * (rows // batch_size))
        error = float(np.max(np.abs(summed - gradient))) / scale
        count = epochs * rows // batch_size
        message = f"{epochs} epochs in batches of {batch_size} must be {count} steps that cover all examples."
        require(error <= bound, message, "wrong_steps", relative_error=error)
    return None


def assert_minibatches_single(student, case, start, grads, rng):
    """The same with a rate that single precision can follow, and its larger second-order effect."""
    rows, batch_size, lr = 24, 6, 1e-3
    case.theirs.update("params", start)
    student.train(
        case.theirs,
        case.X,
        case.Y,
        student.create("SGD", lr),
        1,
        batch_size,
        RandomGenerator(int(rng.integers(2**31))),
    )
    params = case.theirs.get("params")
    scale = max(float(np.max(np.abs(g))) for g in grads.values())
    for key, gradient in grads.items():
        found = as_array(params[key], f"params['{key}']", gradient.shape).astype(float)
        summed = (start[key] - found) / (lr * (rows // batch_size))
        error = float(np.max(np.abs(summed - gradient))) / scale
        require(
            error <= 2e-2,
            "One epoch must take one step for each batch and cover all examples.",
            "wrong_steps",
        )


@check("decision_grid")
def test_decision_grid(student, rng):
    slope = float(rng.uniform(0.3, 0.8))

    def predict(points):
        points = as_array(points, "The argument of predict")
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"predict takes points of shape (M, 2), not {points.shape}")
        return (points[:, 1] > slope * points[:, 0]).astype(int) + 2 * (points[:, 0] > 1.0)

    steps, x_range, y_range = 7, (-1.0, 2.0), (0.5, 3.5)
    xx, yy, labels = outputs(student.decision_grid(predict, x_range, y_range, steps), 3, "decision_grid")
    xs, ys = np.linspace(*x_range, steps), np.linspace(*y_range, steps)
    grid = np.meshgrid(xs, ys)
    for name, found, wanted in (("xx", xx, grid[0]), ("yy", yy, grid[1])):
        found = as_array(found, name, (steps, steps))
        require(
            np.max(np.abs(found - wanted)) <= 1e-6,
            f"{name} is not as np.meshgrid of the two ranges gives it.",
        )
    expected = predict(np.column_stack([grid[0].ravel(), grid[1].ravel()])).reshape(steps, steps)
    labels = as_array(labels, "labels", (steps, steps))
    require(np.array_equal(labels, expected), "labels differ from what predict says of the grid's points.")
