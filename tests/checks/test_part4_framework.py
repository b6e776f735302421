"""Part 4, a bonus: what a framework did, as a file tells it, and the reference does again.

No function of the submission is asked.  Each check needs its own arrays only, and half of its points are each
model's.  Weights after training are judged by how far they moved: that is what a learning rate shows in.
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
                require(units == W.shape[1] and np.std(W) > 0.01, message, "trivial_weights")
        gradients = self.network().loss_and_grads(X[BATCHES[0]], Y[BATCHES[0]])[1]
        is_alive = all(np.max(np.abs(gradient)) > 1e-6 for gradient in gradients.values())
        require(is_alive, f"The {name} model does not learn: a gradient is zero.", "trivial_weights")

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
        scale = max(float(np.max(np.abs(change))) for change in expected.values())
        name = f"the change of {self.name}_{what}"
        try:
            assert_all_close(moved, expected, tolerance("framework"), name, scale=scale)
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
    first = None
    for name in MODELS:
        try:
            with np.errstate(all="ignore"):  # weights are the student's, and may be of any size
                record = Record(arrays, name, reference, X, Y)
                if name != MODELS[0]:
                    assert_other_start(arrays, record)
                judge_model(record)
        except LostPoints as lost:
            if first is not None:
                raise first from None
            first = lost
    if first is not None:
        raise LostPoints(first.reason, first.message, status="partial", fraction=0.5, details=first.details)


def assert_other_start(arrays, record):
    """A second model that starts from the weights of the first one is a copy of its arrays, or may be."""
    for key, W in record.weights.items():
        other = arrays.get(f"{MODELS[0]}_weights_{key}")
        is_copy = key.startswith("W") and other is not None and np.array_equal(other, W)
        message = f"{record.name}_weights_{key} is the {MODELS[0]} model's; each has weights of its own."
        require(not is_copy, message, "copied")


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
        scale = max(float(np.max(np.abs(gradient))) for gradient in expected.values())
        found = record.parameters("gradient")
        assert_all_close(found, expected, tolerance("framework"), f"{record.name}_gradient", scale=scale)

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
