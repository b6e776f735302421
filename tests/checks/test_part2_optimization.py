"""Part 2: initial weights, minibatches, and optimizers over several steps with several arrays."""

import itertools
from functools import partial

import numpy as np

from autograder.checking import (
    LostPoints,
    RandomGenerator,
    as_array,
    assert_close,
    assert_drawn_from,
    assert_refused,
    check,
    is_single_precision,
    require,
)

FAN_IN, FAN_OUT = 300, 100  # different, so that the wrong one shows; 30 000 numbers


def assert_normal_like(W, std, what):
    """Mean 0, the wanted deviation and the mean distance of normal numbers, within eight standard errors."""
    n = W.size
    got = float(np.std(W))
    spread = 8 * std / np.sqrt(2 * n)
    require(np.isfinite(W).all(), f"{what} contains numbers that are not finite.", "not_finite")
    hint = "Variance or deviation, and of which of the two sizes?"
    message = (
        f"{what}: the standard deviation of {FAN_IN} x {FAN_OUT} weights is {got:.4g}; wanted is {std:.4g}."
    )
    require(abs(got - std) <= spread, f"{message} {hint}", "wrong_spread")
    mean = float(np.mean(W))
    require(abs(mean) <= 8 * std / np.sqrt(n), f"{what}: the mean is {mean:.3g}, not 0.", "wrong_mean")
    # Uniform numbers of the same deviation have 0.866 here, and are 19 standard errors off.
    distance, wanted = float(np.mean(np.abs(W))) / std, np.sqrt(2 / np.pi)
    message = f"{what}: mean and deviation are right, but the numbers do not follow a normal distribution."
    near = abs(distance - wanted) <= 8 * np.sqrt((1 - wanted**2) / n)
    require(near, message, "wrong_distribution")


def draw(student, method, rng, what="init_weights"):
    return as_array(student.init_weights(FAN_IN, FAN_OUT, method, rng), what, (FAN_IN, FAN_OUT))


@check("init_weights.zero")
def test_init_zero(student):
    W = draw(student, "zero", RandomGenerator(1))
    require(not W.any(), "init_weights with method 'zero' returns other numbers than 0.")
    call = partial(student.init_weights, 3, 2, "unknown", RandomGenerator(1))
    assert_refused(call, "init_weights with a method that is none of the four")


@check("init_weights.random")
def test_init_random(student, rng):
    seed = int(rng.integers(2**31))
    generator = student.generator(seed)
    first, second = draw(student, "random", generator), draw(student, "random", generator)
    assert_normal_like(first, 0.01, "Method 'random'")
    require(
        not np.array_equal(first, second), "Two calls with the same generator give the same weights.", "rng"
    )
    assert_drawn_from(lambda given: draw(student, "random", given), seed, "The weights")


@check("init_weights.he")
def test_init_he(student, rng):
    W = draw(student, "he", RandomGenerator(int(rng.integers(2**31))))
    assert_normal_like(W, np.sqrt(2 / FAN_IN), "Method 'he'")


@check("init_weights.xavier")
def test_init_xavier(student, rng):
    W = draw(student, "xavier", RandomGenerator(int(rng.integers(2**31))))
    assert_normal_like(W, np.sqrt(2 / (FAN_IN + FAN_OUT)), "Method 'xavier'")


def batches_of(answer, n):
    """The batches as arrays of whole numbers below n."""
    if not isinstance(answer, (list, tuple)):
        raise LostPoints.malformed("minibatches must return a list of index arrays.")
    batches = [as_array(batch, "A batch") for batch in answer]
    require(batches, "minibatches must return at least one batch.")
    for batch in batches:
        right = batch.ndim == 1 and batch.dtype.kind in "iu"
        require(right, "A batch must be a one-dimensional array of whole numbers.", "wrong_kind")
        require(((batch >= 0) & (batch < n)).all(), f"A batch has an index outside 0 to {n - 1}.")
    return batches


@check("minibatches.partition")
def test_minibatches_partition(student, rng):
    for n, batch_size in ((23, 5), (20, 5), (7, 10), (6, 1)):
        batches = batches_of(student.minibatches(n, batch_size, RandomGenerator(int(rng.integers(2**31)))), n)
        sizes = [len(b) for b in batches]
        expected = [batch_size] * (n // batch_size) + ([n % batch_size] if n % batch_size else [])
        require(
            sizes == expected, f"{n} examples in batches of {batch_size} give sizes {sizes}.", "wrong_sizes"
        )
        once = np.array_equal(np.sort(np.concatenate(batches)), np.arange(n))
        require(once, "One pass must contain every example exactly once.")


@check("minibatches.shuffled")
def test_minibatches_shuffled(student, rng):
    n, batch_size = 60, 10
    generator = student.generator(int(rng.integers(2**31)))
    first, second = (batches_of(student.minibatches(n, batch_size, generator), n) for _ in range(2))
    require(len(first) == len(second) == n // batch_size, "The number of batches is wrong.", "wrong_sizes")
    orders = [np.concatenate(first), np.concatenate(second)]
    require(len(orders[0]) == len(orders[1]) == n, "One pass must contain every example exactly once.")
    # The chance that a shuffle leaves the order alone is 1 in 60!.
    require(
        not np.array_equal(orders[0], np.arange(n)),
        "The examples come in their stored order.",
        "not_shuffled",
    )
    require(not np.array_equal(*orders), "Two passes come in the same order.", "not_shuffled")
    groups = [{frozenset(b.tolist()) for b in batches} for batches in (first, second)]
    require(groups[0] != groups[1], "The batches always hold the same examples.", "not_shuffled")
    # In a random order about 2 of the 60 steps lead to a neighbour in the data; 20 have a chance of 6e-14.
    steps = [np.diff(order, append=order[0]) % n for order in orders]
    neighbours = [int(np.sum((step == 1) | (step == n - 1))) for step in steps]
    require(max(neighbours) < 20, "Examples that are neighbours in the data stay together.", "not_shuffled")

    def drawn(given):
        return np.concatenate(batches_of(student.minibatches(n, batch_size, given), n))

    assert_drawn_from(drawn, int(rng.integers(2**31)), "The order")


# -- optimizers --------------------------------------------------------------------------------------

SCALES = (1.0, 0.02, 3.0, 0.1, 1.0, 0.5)  # of the gradients: what is remembered between steps shows


def optimizer_case(rng, keys=("W1", "b1"), size=1.0, steps=6):
    """Two parameter arrays of different shapes and gradients for each, none of them near zero."""
    shapes = dict(zip(keys, ((3, 2), (4,)), strict=True))
    params = {key: rng.normal(size=shape) for key, shape in shapes.items()}
    gradients = [
        {
            key: size * scale * rng.choice([-1.0, 1.0], shape) * rng.uniform(0.2, 2.0, shape)
            for key, shape in shapes.items()
        }
        for scale in SCALES[:steps]
    ]
    return params, gradients


def update(after, key, start):
    """How far a parameter has moved, in the precision in which it comes."""
    found = as_array(after.get(key) if isinstance(after, dict) else None, f"params['{key}']", start.shape)
    moved = found - start
    return moved.astype(np.float32) if is_single_precision(found) else moved


def assert_steps(student, reference, case, tolerance, name, *, what="", **settings):
    """Follow an optimizer over its steps; judged are the updates, not the weights they lead to.

    The arrays of each case have names of their own: what optimizers wrongly share, by the name of an array, is judged
    where it is asked for, and costs nothing elsewhere, whichever checks ran before.
    """
    params, gradients = case
    expected = {key: value.copy() for key, value in params.items()}
    ours = getattr(reference, name)(**settings)
    theirs, kept = student.create(name, **settings), student.keep(params, "params")
    for number, grads in enumerate(gradients, 1):
        sent = student.keep(grads, "grads")
        theirs.step(kept, sent)
        ours.step(expected, grads)
        after = kept.value()
        if not isinstance(after, dict) or set(after) != set(params):
            raise LostPoints.malformed(f"{name}.step must leave params a dict with the keys it had.")
        earlier = (
            "" if number == 1 else f"Steps 1 to {number - 1} are right." if number > 2 else "Step 1 is right."
        )
        for key, start in params.items():
            update_of = f"The update of {key} after step {number}{what}"
            moved = update(after, key, start)
            assert_close(moved, expected[key] - start, tolerance, update_of, hint=earlier)
    return sent


def assert_gradients_kept(case, sent, name):
    """The last step must have left its gradients alone."""
    unchanged, grads = sent.value(), case[1][-1]
    same = isinstance(unchanged, dict) and all(np.array_equal(unchanged.get(k), g) for k, g in grads.items())
    require(same, f"{name}.step changes the gradients that it is given.", "modified")


def assert_optimizer(student, reference, rng, tolerance, name, keys, settings, defaults):
    """Six steps with given settings, and two of another optimizer with the defaults, on arrays of the same names."""
    case = optimizer_case(rng, keys)
    sent = assert_steps(student, reference, case, tolerance, name, **settings)
    what = f" of another {name} with default settings"
    again = optimizer_case(rng, keys, steps=2)
    assert_steps(student, reference, again, tolerance, name, what=what, **defaults)
    assert_gradients_kept(case, sent, name)


# With eps = 1e-15 its place makes no difference for gradients of this size: that is judged on its own.
TINY = 1e-15
LARGE = (0.3, 0.6)


class First:
    """The first update of an optimizer of the student's or the reference's, of one array with one number."""

    def __init__(self, student, reference, name, **settings):
        self._student, self._reference, self._name, self._settings = student, reference, name, settings
        # What optimizers share by the name of an array is judged elsewhere.
        self._keys = (f"{name}{number}" for number in itertools.count(1))

    def theirs(self, grad, **eps):
        key, optimizer = next(self._keys), self._student.create(self._name, **self._settings, **eps)
        kept = self._student.keep({key: np.zeros(1)}, "params")
        optimizer.step(kept, {key: np.array([grad])})
        return update(kept.value(), key, np.zeros(1))

    def right(self, grad, **eps):
        params = {"w": np.zeros(1)}
        getattr(self._reference, self._name)(**self._settings, **eps).step(params, {"w": np.array([grad])})
        return params["w"]


def is_close(answer, expected, tolerance):
    try:
        assert_close(answer, expected, tolerance)
    except LostPoints:
        return False
    return True


def assert_eps(student, reference, rng, tolerance, name, **settings):
    """The place of eps, where it is large; and its default, where gradients are as small as that.

    Whoever is right without eps must be right with it. What else is wrong with an optimizer costs nothing here:
    whatever its numerator and denominator, ``1 / update`` grows evenly with an eps that is added to the denominator.
    One number alone has no other arrays, and its first step no past.
    """
    first = First(student, reference, name, **settings)
    hint = "eps is added to the root and not below it."
    for grad in rng.uniform(0.5, 2.0, 2) * (1, -1):
        small, *large = (first.theirs(grad, eps=eps) for eps in (TINY, *LARGE))
        right = [first.right(grad, eps=eps) for eps in (TINY, *LARGE)]
        if is_close(small, right[0], tolerance):
            for eps, moved, expected in zip(LARGE, large, right[1:], strict=True):
                what = f"The update of the first step with eps = {eps}"
                assert_close(moved, expected, tolerance, what, hint=hint)
            continue
        moves = np.concatenate([small, *large])
        differ = np.isfinite(moves).all() and (moves != 0).all() and len(np.unique(moves)) == 3
        require(differ, "The first step must go some way, and another one with another eps.")
        message = f"The update of the first step does not depend on eps as it should. {hint}"
        require(is_close(2 / large[0], 1 / small + 1 / large[1], tolerance), message)
    moved, what = first.theirs(3e-8), "The update with the default eps and a gradient near 1e-8"
    assert_close(
        moved, first.theirs(3e-8, eps=1e-8), tolerance, what, hint="It differs from that with eps=1e-8."
    )


@check("SGD")
def test_sgd(student, reference, rng, tolerance):
    case = optimizer_case(rng)
    sent = assert_steps(student, reference, case, tolerance(), "SGD", lr=0.13)
    assert_gradients_kept(case, sent, "SGD")


@check("Momentum")
def test_momentum(student, reference, rng, tolerance):
    settings, defaults = {"lr": 0.13, "beta": 0.7}, {"lr": 0.13}
    assert_optimizer(student, reference, rng, tolerance(), "Momentum", ("W1", "b1"), settings, defaults)


@check("AdaGrad.steps")
def test_adagrad(student, reference, rng, tolerance):
    settings = {"lr": 0.13, "eps": TINY}
    assert_optimizer(student, reference, rng, tolerance(), "AdaGrad", ("W1", "b1"), settings, settings)


@check("AdaGrad.eps")
def test_adagrad_eps(student, reference, rng, tolerance):
    assert_eps(student, reference, rng, tolerance(), "AdaGrad", lr=0.13)


@check("RMSprop.steps")
def test_rmsprop(student, reference, rng, tolerance):
    settings, defaults = {"lr": 0.05, "rho": 0.7, "eps": TINY}, {"lr": 0.05, "eps": TINY}
    assert_optimizer(student, reference, rng, tolerance(), "RMSprop", ("W1", "b1"), settings, defaults)


@check("RMSprop.eps")
def test_rmsprop_eps(student, reference, rng, tolerance):
    assert_eps(student, reference, rng, tolerance(), "RMSprop", lr=0.05, rho=0.5)


@check("Adam.steps")
def test_adam(student, reference, rng, tolerance):
    case = optimizer_case(rng)
    settings = {"lr": 0.07, "beta1": 0.6, "beta2": 0.8, "eps": TINY}
    sent = assert_steps(student, reference, case, tolerance(), "Adam", **settings)
    again, what = optimizer_case(rng, ("W2", "b2"), steps=4), " with default betas"
    assert_steps(student, reference, again, tolerance(), "Adam", what=what, lr=0.07, eps=TINY)
    assert_gradients_kept(case, sent, "Adam")


@check("Adam.eps")
def test_adam_eps(student, reference, rng, tolerance):
    settings = {"lr": 0.07, "beta1": 0.6, "beta2": 0.8}
    assert_eps(student, reference, rng, tolerance(), "Adam", **settings)


@check("Adam.state")
def test_adam_state(student, rng, tolerance):
    """Two optimizers take turns, and each goes on as it does alone; a class-wide state would mix them."""
    cases = [optimizer_case(rng, ("W5", "b5"), steps=4) for _ in range(2)]
    alone = [_Run(student, *case) for case in cases]
    for run in alone:
        for number in range(4):
            run.step(number)
    first, again = alone[0].moves[1], _Run(student, cases[0][0], cases[0][1][1:])
    again.step(0)
    remembers = not all(is_close(again.moves[0][key], moved, tolerance()) for key, moved in first.items())
    require(remembers, "The second step is that of a new optimizer: Adam must remember the steps before.")
    turns = []
    for number in range(4):
        if number < 2:  # the second one is made when the first has something to remember
            turns.append(_Run(student, *cases[number]))
        for run in turns:
            run.step(len(run.moves))
    hint = "Two optimizers took turns; each must go on as if it were alone."
    for run, wanted in zip(turns, alone, strict=True):
        for number, moves in enumerate(run.moves):
            for key, moved in moves.items():
                what = f"The update of {key} in step {number + 1}"
                assert_close(moved, wanted.moves[number][key], tolerance(), what, hint=hint)


class _Run:
    """A student's Adam on its way, with what each step moved."""

    def __init__(self, student, params, gradients):
        self._optimizer = student.create("Adam", lr=0.07, beta1=0.6, beta2=0.8, eps=TINY)
        self._params, self._gradients = student.keep(params, "params"), gradients
        self._before, self.moves = params, []

    def step(self, number):
        self._optimizer.step(self._params, self._gradients[number])
        after = self._params.value()
        self.moves.append({key: update(after, key, start) for key, start in self._before.items()})
        for key, moved in self.moves[-1].items():
            require(np.isfinite(moved).all() and moved.any(), f"{key} must move in every step.")
        self._before = {key: np.array(after[key]) for key in self._before}
