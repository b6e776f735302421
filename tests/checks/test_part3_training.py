"""Part 3: the grader trains the student's network with the student's optimizer and training loop.

Metrics are computed here, from the predictions; thresholds stand in the rubric, measured over many seeds.  The first
start trains for fewer epochs and must reach what students are told, which is stricter than what earns full points:
nearly all correct work is done with that.  Otherwise a second start, with other random numbers, trains for all epochs.
"""

import numpy as np

from autograder.checking import LostPoints, RandomGenerator, as_array, check, credit
from autograder.checking.training import until_decided

XOR_X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR_Y = np.array([[0.0], [1.0], [1.0], [0.0]])
GRID = 50  # points along each side of the pictures: 2500 predictions in one call


def fit(student, rng, sizes, X, Y, setting, start, optimizer, network):
    """Train one network; return it and its loss curve."""
    seed = int(rng.integers(2**31))
    model = student.create("MLP", sizes, rng=RandomGenerator(seed), **network)
    chosen = student.create(optimizer, setting["lr"])
    epochs = setting["first_epochs"] if start == 1 else setting["epochs"]
    arguments = (model, X, Y, chosen, epochs, setting.get("batch_size"), RandomGenerator(seed + 1))
    history = student.train(*arguments)
    curve = history.get("train_loss") if isinstance(history, dict) else None
    return model, curve_of(curve)


def curve_of(values):
    """A loss curve for the report; what is no list of numbers is left out."""
    if not isinstance(values, (list, tuple)) or len(values) > 1000:
        return []
    try:
        numbers = [float(np.squeeze(v)) for v in values]
    except (TypeError, ValueError, OverflowError):  # a whole number beyond all floats
        return []
    return [float(f"{n:.6g}") for n in numbers]


def predictions(model, X, K):
    return as_array(model.predict_proba(X), "predict_proba", (len(X), K)).astype(float)


def plane_of(model, X, Y):
    """Which class a network of two inputs sees where, and some of its examples, for a picture in the report.

    It decides nothing: where the network does not answer, or has other inputs, there is no picture.
    """
    (_, D), K = X.shape, Y.shape[1]
    if D != 2:
        return {}
    low, high = X.min(axis=0), X.max(axis=0)
    margin = 0.15 * (high - low)
    ranges = np.stack([low - margin, high + margin], axis=1).round(4)
    across, up = np.meshgrid(*(np.linspace(*ends, GRID) for ends in ranges))
    try:
        P = predictions(model, np.column_stack([across.ravel(), up.ravel()]), K)
    except LostPoints:
        return {}
    labels = (classes_of(P), classes_of(Y))
    some = slice(None, None, max(1, len(X) // 100))
    x, y = X[some].round(4).T.tolist()
    points = {"x": x, "y": y, "classes": "".join(labels[1][some])}
    rows = ["".join(row) for row in labels[0].reshape(GRID, GRID)]
    return {"map": {"x": ranges[0].tolist(), "y": ranges[1].tolist(), "classes": rows, "points": points}}


def classes_of(P):
    """One digit for each row of probabilities."""
    return (P.argmax(axis=1) if P.shape[1] > 1 else (P[:, 0] > 0.5).astype(int)).astype(str)


def award(task, metric, value, setting, start, curve, record_training, message, **more):
    """Note a training, and lose what is missing to the full points."""
    full = setting["told"] if start == 1 else setting["full"]
    share = credit(value, full, setting["zero"])
    record_training(
        task=task,
        metric=metric,
        value=float(f"{value:.6g}"),
        threshold=full,
        zero=setting["zero"],
        target=setting["told"],
        share=share,
        loss_curve=curve,
        **more,
    )
    if share < 1:
        status = "partial" if share > 0 else "failed"
        raise LostPoints("below_threshold", message, status=status, fraction=share)


NETWORKS = {
    "xor": ([2, 8, 1], {"hidden": "sigmoid", "init": "xavier", "output": "sigmoid"}, "plain"),
    "xor_full_stack": (
        [2, 16, 16, 1],
        {"output": "sigmoid", "l2": 1e-4, "dropout": 0.2, "batchnorm": True},
        "with everything on",
    ),
}


@check("task.xor")
def test_xor(student, reference, rng, settings, record_training):
    lost = []
    for task, (sizes, network, words) in NETWORKS.items():
        setting = settings[task]

        def judge(start):
            model, curve = fit(student, rng, sizes, XOR_X, XOR_Y, setting, start, "Adam", network)
            loss = float(reference.bce_loss(predictions(model, XOR_X, 1), XOR_Y))
            message = f"The cross-entropy on XOR, {words}, is {loss:.3g}; wanted is {setting['told']:g}."
            plane = plane_of(model, XOR_X, XOR_Y)
            award(task, "loss", loss, setting, start, curve, record_training, message, **plane)

        try:
            until_decided(judge)
        except LostPoints as error:
            if error.fraction == 0:
                raise  # both networks are wanted: nothing is left to decide
            lost.append(error)
    if lost:
        raise min(lost, key=lambda error: error.fraction)


@check("task.regression")
def test_regression(student, reference, rng, settings, data, record_training):
    setting, arrays = settings["regression"], data("regression")
    X, _ = reference.standardize(arrays["X_train"], arrays["X_test"])
    Y = arrays["y_train"]

    def judge(start):
        model, curve = fit(student, rng, [3, 128, 1], X, Y, setting, start, "SGD", {"output": "linear"})
        error = float(reference.mse_loss(predictions(model, X, 1), Y))
        message = f"The mean squared error after training is {error:.4g}; wanted is {setting['told']:g}."
        award("regression", "training mse", error, setting, start, curve, record_training, message)

    until_decided(judge)


def classify(task, sizes, network, student, reference, rng, settings, data, record_training):
    """Train a classifier and judge its accuracy on points it has not seen."""
    setting, arrays = settings[task], data(task)
    K = sizes[-1]
    Y, Y_test = np.eye(K)[arrays["y_train"]], np.eye(K)[arrays["y_test"]]

    def judge(start):
        model, curve = fit(student, rng, sizes, arrays["X_train"], Y, setting, start, "Adam", network)
        reached = float(reference.accuracy(predictions(model, arrays["X_test"], K), Y_test))
        message = f"The accuracy on unseen examples is {reached:.1%}; wanted is {setting['told']:.0%}."
        plane = plane_of(model, arrays["X_train"], Y)
        award(task, "test accuracy", reached, setting, start, curve, record_training, message, **plane)

    until_decided(judge)


@check("task.spirals")
def test_spirals(student, reference, rng, settings, data, record_training):
    classify("spirals", [2, 64, 3], {"l2": 1e-4}, student, reference, rng, settings, data, record_training)


@check("task.digits")
def test_digits(student, reference, rng, settings, data, record_training):
    classify("digits", [64, 64, 10], {}, student, reference, rng, settings, data, record_training)
