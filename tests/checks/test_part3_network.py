"""Part 3: the network and its training loop, with injected weights, masks and statistics.

Draws do not matter: all weights are set from here, and networks that train on minibatches are judged by what
does not depend on the order of the batches.
"""

from functools import partial
from itertools import combinations

import numpy as np

from autograder.checking import (
    LostPoints,
    RandomGenerator,
    as_array,
    as_number,
    assert_all_close,
    assert_close,
    assert_refused,
    assert_unmodified,
    check,
    is_single_precision,
    numerical_gradient,
    outputs,
    require,
)


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
        self.X = rng.normal(size=(rows, sizes[0]))
        K = sizes[-1]
        if output == "linear":  # outputs of both signs: whoever puts a ReLU on them is found
            self.ours.params[f"b{len(sizes) - 1}"] -= np.median(self.ours.predict_proba(self.X), axis=0)
        self.inject()
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
        expected_loss = self.ours.loss_and_grads(self.X, self.Y, *masks)[0]
        assert_close(loss, expected_loss, tolerance("batchnorm" if running else "default"), "The loss")
        self.ours.running = running
        expected = self.expected_grads(*masks)
        # A bias before batch normalization has gradient 0: errors are measured by the largest of the network.
        scale = max(float(np.max(np.abs(g))) for g in expected.values())
        assert_all_close(grads, expected, tolerance("network"), "grads", scale=scale)


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
    zero = student.create("MLP", [3, 4, 2], init="zero", rng=RandomGenerator(1)).get("params")
    weights = zero.get("W1") if isinstance(zero, dict) else None
    is_zero = not as_array(weights, "params['W1']", (3, 4)).any()
    require(is_zero, "With init='zero' the weights must be 0: the method is that of init_weights.", "init")
    plain = student.create("MLP", [3, 4, 2], rng=RandomGenerator(1))
    params, running = plain.get("params"), plain.get("running")
    right = isinstance(params, dict) and set(params) == {"W1", "b1", "W2", "b2"} and running == {}
    require(right, "Without batch normalization params are W1, b1, W2, b2, and running is empty.")
    for setting in ("hidden", "output"):
        call = partial(student.create, "MLP", [3, 4, 2], rng=RandomGenerator(1), **{setting: "unknown"})
        assert_refused(call, f"MLP with an unknown name for {setting}")


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
    assert_unmodified(student, reference.MLP.predict_proba)


@check("MLP.evaluation")
def test_evaluation(student, reference, rng, tolerance):
    case = Case(student, reference, rng, [3, 6, 5, 2], "softmax", dropout=0.4, batchnorm=True)
    expected = case.ours.predict_proba(case.X)
    hint = "Evaluation uses the running statistics and drops nothing."
    for _ in range(2):  # a second call must not find changed statistics
        assert_close(case.theirs.predict_proba(case.X), expected, tolerance(), "predict_proba", hint=hint)


@check("MLP.loss")
def test_loss(student, reference, rng, tolerance):
    for output in ("softmax", "sigmoid", "linear"):
        case = Case(student, reference, rng, [3, 5, 3], output, l1=0.013, l2=0.027, dropout=0.3)
        expected = case.ours.loss(case.X, case.Y)
        assert_close(
            case.theirs.loss(case.X, case.Y), expected, tolerance(), f"loss with {output} output and penalty"
        )
    assert_unmodified(student, reference.MLP.loss)


@check("MLP.gradients")
def test_gradients(student, reference, rng, tolerance):
    case = Case(student, reference, rng, [4, 6, 5, 3], "softmax")
    case.assert_gradients(tolerance)
    assert_unmodified(student, reference.MLP.loss_and_grads)
    params = case.theirs.get("params")
    for key, value in case.ours.params.items():
        found = params.get(key) if isinstance(params, dict) else None
        hint = "loss_and_grads leaves params alone: they are the optimizer's."
        assert_close(found, value, tolerance(), f"params['{key}'] after loss_and_grads", hint=hint)


@check("MLP.gradients_outputs")
def test_gradients_outputs(student, reference, rng, tolerance):
    for sizes, output, hidden in (([3, 5, 2], "sigmoid", "sigmoid"), ([3, 4, 2], "linear", "relu")):
        Case(student, reference, rng, sizes, output, hidden=hidden).assert_gradients(tolerance)


@check("MLP.gradients_penalty")
def test_gradients_penalty(student, reference, rng, tolerance):
    Case(student, reference, rng, [3, 5, 3], "softmax", l1=0.013, l2=0.027).assert_gradients(tolerance)


@check("MLP.gradients_dropout")
def test_gradients_dropout(student, reference, rng, tolerance):
    case = Case(student, reference, rng, [3, 6, 5, 4], "softmax", dropout=0.3)
    masks = [(rng.random((7, size)) >= 0.3).astype(float) for size in (6, 5)]
    case.assert_gradients(tolerance, masks)
    assert_own_masks(student, rng)


def assert_own_masks(student, rng):
    """Without given masks the network draws one for every example, unit and call, with its rate.

    One input of 1, all weights 1, outputs averaged over H units: the output is kept share / (1 - rate), with mean 1
    and variance rate / (1 - rate) / H, so the mean squared distance from 1 over N rows is known to sqrt(2 / N).
    """
    rate, H, N = 0.3, 50, 400
    seed = RandomGenerator(int(rng.integers(2**31)))
    model = student.create("MLP", [1, H, 1], output="linear", dropout=rate, rng=seed)
    weights = {"W1": np.ones((1, H)), "b1": np.zeros(H), "W2": np.full((H, 1), 1 / H), "b2": np.zeros(1)}
    model.update("params", weights)
    losses = []
    for _ in range(4):
        loss, _ = outputs(model.loss_and_grads(np.ones((N, 1)), np.ones((N, 1))), 2, "loss_and_grads")
        losses.append(as_number(loss, "The loss"))
    expected = rate / (1 - rate) / H
    near = all(abs(loss - expected) <= 8 * np.sqrt(2 / N) * expected for loss in losses)
    message = (
        "Without given masks, units must be dropped with the network's rate, independently in every example."
    )
    require(near, message, "wrong_masks")
    require(len(set(losses)) > 1, "Without given masks every call must draw new ones.", "rng")


@check("MLP.gradients_batchnorm")
def test_gradients_batchnorm(student, reference, rng, tolerance):
    case = Case(student, reference, rng, [3, 5, 3], "softmax", batchnorm=True)
    # Labels for which the losses of training and evaluation are not alike by chance.
    running = dict(case.ours.running)
    while abs(case.ours.loss(case.X, case.Y) - case.ours.loss_and_grads(case.X, case.Y)[0]) < 0.05:
        case.Y, case.ours.running = np.eye(3)[rng.integers(0, 3, len(case.X))], dict(running)
    case.ours.running = running
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
        assert_close(found, value, tolerance("network"), f"{key} after {epochs} epochs of full-batch descent")
    for key in ("train_loss", "val_loss"):
        found = history.get(key) if isinstance(history, dict) else None
        hint = "One value per epoch: model.loss after the epoch's last step."
        assert_close(found, expected[key], tolerance("network"), f"history['{key}']", hint=hint)
    assert_unmodified(student, reference.train)


RATE = 0.1


def trained(student, case, batch_size, rng, epochs=1):
    """Train with plain descent from the case's weights; return how far they moved, in rates, and the history."""
    case.inject()
    seed = RandomGenerator(int(rng.integers(2**31)))
    history = student.train(
        case.theirs, case.X, case.Y, student.create("SGD", RATE), epochs, batch_size, seed
    )
    params = case.theirs.get("params")
    moved, is_single = [], False
    for key, start in case.ours.params.items():
        found = params.get(key) if isinstance(params, dict) else None
        found = as_array(found, f"params['{key}']", start.shape)
        is_single = is_single or is_single_precision(found)
        moved.append((start - found.astype(np.float64)).ravel() / RATE)
    return np.concatenate(moved).astype(np.float32 if is_single else np.float64), history


def descended(case, batches):
    """The same for the reference, with a step for each of these lists of rows."""
    start = case.ours.params
    case.ours.params = dict(start)
    try:
        for rows in batches:
            grads = case.ours.loss_and_grads(case.X[rows], case.Y[rows])[1]
            for key, gradient in grads.items():
                case.ours.params[key] = case.ours.params[key] - RATE * gradient
        return np.concatenate([(start[key] - case.ours.params[key]).ravel() / RATE for key in start])
    finally:
        case.ours.params = start


def orders(n, batch_size):
    """All ways in which an epoch can go through n rows in a batch of this size and the rest, either one first."""
    for first in combinations(range(n), batch_size):
        pair = [list(first), [row for row in range(n) if row not in first]]
        yield from (pair, pair[::-1])


@check("train.minibatches")
def test_minibatches(student, reference, rng, tolerance):
    """What came of an epoch is known for every order of its batches: it must be one of them."""
    case = Case(student, reference, rng, [3, 5, 3], "softmax", rows=7)
    moved, history = trained(student, case, 5, rng)
    as_array(history.get("train_loss") if isinstance(history, dict) else None, "history['train_loss']", (1,))
    ways = np.array([descended(case, batches) for batches in orders(7, 5)])
    nearest = ways[np.argmin(np.max(np.abs(ways - moved), axis=1))]
    what = "What one epoch of batches adds to params"
    hint = "One epoch of 7 examples in batches of 5 must be two steps that cover every example once."
    assert_close(moved, nearest, tolerance("network"), what, hint=hint)
    # Three epochs with one batch each: three steps, and three losses.
    moved, history = trained(student, case, 7, rng, epochs=3)
    what, hint = "What three epochs add to params", "Three epochs must go on from each other."
    assert_close(moved, descended(case, [list(range(7))] * 3), tolerance("network"), what, hint=hint)
    as_array(history.get("train_loss") if isinstance(history, dict) else None, "history['train_loss']", (3,))
    assert_new_batches(student, reference, rng)


def assert_new_batches(student, reference, rng):
    """A second epoch must not go through the batches of the first one.

    Each example is a single one among zeros, and all start alike: its row of W1 moves in its own batches only.  So
    examples that shared their batches in both epochs have equal rows, and as long as batches do not change there are
    no more different rows than batches.  That a second shuffle leaves them has a chance of 1e-13.
    """
    n, batch_size = 24, 3
    case = Case(student, reference, rng, [n, 2, 1], "linear", rows=n)
    case.X, case.Y = np.eye(n), np.full((n, 1), 3.0)
    start = {"W1": np.full((n, 2), 0.5), "b1": np.zeros(2), "W2": np.full((2, 1), 0.5), "b2": np.zeros(1)}
    case.ours.params |= start
    moved, _ = trained(student, case, batch_size, rng, epochs=2)
    rows = np.sort(moved[: n * 2 : 2])
    different = 1 + int(np.sum(np.diff(rows) > 1e-5 * np.max(np.abs(rows))))
    message = "Two epochs go through the same batches: minibatches must shuffle anew for each."
    require(different > n // batch_size, message, "not_shuffled")


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
