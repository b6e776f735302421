"""Part 4, a bonus: what a framework did, as a file tells it, and the reference does again.

No function of the submission is asked.  Each check needs its own arrays only, and half of its points are each
model's.  Weights after training are judged by how far they moved: that is what a learning rate shows in.  Each
array is held to its own size, and what hardly does anything is refused: zeros would be right there.
"""

import hashlib

import numpy as np

from autograder.checking import (
    LostPoints,
    as_array,
    as_number,
    assert_all_close,
    assert_close,
    check,
    require,
)

FILE, DATA = "framework.npz", "spirals"
SIZES = [2, 16, 8, 3]
SHAPES = {"W1": (2, 16), "b1": (16,), "W2": (16, 8), "b2": (8,), "W3": (8, 3), "b3": (3,)}
MODELS = ("sequential", "functional")
BATCHES = [slice(first, first + 60) for first in range(0, 300, 60)]
LEARNING_RATE, BETA = 0.1, 0.9
LARGEST = 100.0
"""Of weights: larger ones would overflow in the reference."""

# Bounds that random starts of Keras and PyTorch keep by a factor of ten or more: docs/calibration.md.
LEAST_WEIGHT = 5e-3
"""Of the sizes of a matrix's weights, the median: a few large ones make no random start."""
LEAST_SPREAD = 3e-4
"""Of the outputs over the rows."""
LEAST_GRADIENT = 5e-5
"""Of each array's gradient, its largest entry."""
LEAST_CHANGE = 1.5e-5
"""Of each matrix in training, its largest entry."""
LEAST_APART = 5e-3
"""Of the two models: how far their units' weights are apart."""


class Record:
    """The arrays of one model, and the reference's network with the same weights."""

    def __init__(self, arrays, name, reference, X, Y):
        self.arrays, self.name, self.reference, self.X, self.Y = arrays, name, reference, X, Y
        self.weights = self.parameters("weights")
        for key, W in self.weights.items():
            what = f"{name}_weights_{key}"
            # Written so that NaN fails.
            require(np.all(np.abs(W) <= LARGEST), f"{what} holds what is no weight.", "not_finite")
            if key.startswith("W"):
                units = np.unique(np.round(W, 6), axis=1).shape[1]
                message = f"{what} is no random start: units have equal weights."
                require(units == W.shape[1], message, "trivial_weights")
                message = f"{what} is no random start: most of its weights are next to zero."
                require(np.median(np.abs(W)) > LEAST_WEIGHT, message, "trivial_weights")
        spread = np.max(np.ptp(self.network().predict_proba(X), axis=0))
        message = f"The {name} model gives every row the same outputs."
        require(spread > LEAST_SPREAD, message, "trivial_weights")
        gradients = self.network().loss_and_grads(X[BATCHES[0]], Y[BATCHES[0]])[1]
        for key, gradient in gradients.items():
            message = f"The {name} model does not learn: the gradient of {key} is next to zero."
            require(np.max(np.abs(gradient)) > LEAST_GRADIENT, message, "trivial_weights")

    def array(self, what, shape):
        """One of its arrays, held to its shape."""
        key = f"{self.name}_{what}"
        if key not in self.arrays:
            raise LostPoints.malformed(f"{FILE} holds no {key}.")
        return as_array(self.arrays[key], key, shape).astype(np.float64)

    def parameters(self, what):
        """Six of its arrays, by the names that they have in the reference's network."""
        return {key: self.array(f"{what}_{key}", shape) for key, shape in SHAPES.items()}

    def network(self):
        """The reference's network with the weights from before training."""
        model = self.reference.MLP(SIZES)
        model.params = dict(self.weights)
        return model

    def assert_moved(self, what, optimizer, tolerance, hint):
        """Hold the weights after an epoch against those of the reference's optimizer."""
        model = self.network()
        for rows in BATCHES:
            optimizer.step(model.params, model.loss_and_grads(self.X[rows], self.Y[rows])[1])
        after = self.parameters(what)
        moved = {key: after[key] - start for key, start in self.weights.items()}
        expected = {key: model.params[key] - start for key, start in self.weights.items()}
        for key in ("W1", "W2", "W3"):
            message = f"Training leaves {self.name}_weights_{key} nearly as it is."
            require(np.max(np.abs(expected[key])) > LEAST_CHANGE, message, "trivial_weights")
        name = f"the change of {self.name}_{what}"
        try:
            assert_all_close(moved, expected, tolerance("framework"), name)
        except LostPoints as lost:
            raise LostPoints(lost.reason, f"{lost.message} {hint}", details=lost.details) from None


def ordered(student_id, n):
    """Rows of the data in the order of a student, as the handout makes it."""
    keys = [hashlib.sha256(f"{student_id} {row}".encode()).digest() for row in range(n)]
    return sorted(range(n), key=keys.__getitem__)


def owner(arrays):
    """The student id that a file was made for."""
    found = arrays.get("student_id")
    is_one = found is not None and found.size == 1 and found.dtype.kind in "iuU"
    text = str(found.reshape(-1)[0]).strip() if is_one else ""
    if not (text and len(text) <= 200 and text.isprintable()):
        raise LostPoints.malformed(f"{FILE} must hold student_id, a text.")
    return text


def judge(arrays, reference, data, remark, judge_model):
    """Hold the file to its student's data and each model to `judge_model`; half of the points are each one's."""
    student_id = owner(arrays)
    remark(student_id=student_id)
    given = data(DATA)
    order = ordered(student_id, len(given["X_train"]))
    X, Y = given["X_train"][order], reference.one_hot(given["y_train"][order], 3)
    for name, wanted in (("X", X), ("Y", Y)):
        if name not in arrays:
            raise LostPoints.malformed(f"{FILE} holds no {name}.")
        found = as_array(arrays[name], name, wanted.shape)
        message = f"{name} is not the spirals' training set in the order of the student id '{student_id}'."
        require(np.max(np.abs(found - wanted)) <= 1e-6, message, "wrong_data")
    first, earlier = None, None
    for name in MODELS:
        try:
            with np.errstate(all="ignore"):  # weights are the student's, and may be of any size
                record = Record(arrays, name, reference, X, Y)
                if earlier is not None:
                    assert_other_start(record, earlier)
                earlier = record
                judge_model(record)
        except LostPoints as lost:
            if first is not None:
                raise first from None
            first = lost
    if first is not None:
        raise LostPoints(first.reason, first.message, status="partial", fraction=0.5, details=first.details)


def assert_other_start(record, earlier):
    """A model that starts from the weights of an earlier one, in whatever order of units, is a copy, or may be."""
    for key in ("W1", "W2", "W3"):
        message = f"{record.name}_weights_{key} is the {earlier.name} model's; each has weights of its own."
        require(apart(record.weights[key], earlier.weights[key]) > LEAST_APART, message, "copied")


def apart(W, other):
    """How far a unit's weights are from those of the closest unit in another matrix; the median over units.

    So the order of the units does not matter.  In the later matrices that of their inputs does, but who reorders
    units has those of the first layer still.
    """
    distances = np.max(np.abs(W[:, :, None] - other[:, None, :]), axis=0)
    return np.median(np.min(distances, axis=1))


@check("framework.outputs")
def test_outputs(student_file, reference, data, tolerance, remark):
    def judged(record):
        expected = record.network().predict_proba(record.X)
        outputs = record.array("outputs", expected.shape)
        hint = "Probabilities of all rows, with the weights from before training."
        assert_close(outputs, expected, tolerance("framework"), f"{record.name}_outputs", hint=hint)

    judge(student_file(FILE), reference, data, remark, judged)


@check("framework.loss")
def test_loss(student_file, reference, data, tolerance, remark):
    def judged(record):
        expected = record.network().loss(record.X[BATCHES[0]], record.Y[BATCHES[0]])
        loss = as_number(record.array("loss", ()), f"{record.name}_loss")
        hint = "Mean categorical cross-entropy of the first 60 rows, before training."
        assert_close(loss, expected, tolerance("framework"), f"{record.name}_loss", hint=hint)

    judge(student_file(FILE), reference, data, remark, judged)


@check("framework.gradients")
def test_gradients(student_file, reference, data, tolerance, remark):
    def judged(record):
        expected = record.network().loss_and_grads(record.X[BATCHES[0]], record.Y[BATCHES[0]])[1]
        found = record.parameters("gradient")
        assert_all_close(found, expected, tolerance("framework"), f"{record.name}_gradient")

    judge(student_file(FILE), reference, data, remark, judged)


@check("framework.sgd")
def test_sgd(student_file, reference, data, tolerance, remark):
    hint = "One epoch from the weights before training: five steps with learning rate 0.1, rows in order."

    def judged(record):
        record.assert_moved("sgd", reference.SGD(LEARNING_RATE), tolerance, hint)

    judge(student_file(FILE), reference, data, remark, judged)


@check("framework.momentum")
def test_momentum(student_file, reference, data, tolerance, remark):
    hint = "Momentum 0.9 in the averaged form: a framework needs (1 - 0.9) times the learning rate."

    def judged(record):
        record.assert_moved("momentum", reference.Momentum(LEARNING_RATE, BETA), tolerance, hint)

    judge(student_file(FILE), reference, data, remark, judged)
