"""Part 3: the grader trains the submission's learners on the data; thresholds stand in the rubric."""

import numpy as np

from autograder.checking import LostPoints, RandomGenerator, as_array, as_number, check, credit, outputs
from autograder.checking.training import until_decided

GRID = 40  # points along each side of the pictures


def plane(X, labels, label_of):
    """Which label is given where, and the examples, for a picture in the report; it decides nothing."""
    low, high = X.min(axis=0), X.max(axis=0)
    margin = 0.1 * (high - low)
    ranges = np.stack([low - margin, high + margin], axis=1).round(4)
    across, up = np.meshgrid(*(np.linspace(*ends, GRID) for ends in ranges))
    seen = label_of(np.column_stack([across.ravel(), up.ravel()])).reshape(GRID, GRID)
    x, y = X.round(4).T.tolist()
    return {
        "x": ranges[0].tolist(),
        "y": ranges[1].tolist(),
        "classes": ["".join(map(str, row)) for row in seen],
        "points": {"x": x, "y": y, "classes": "".join(map(str, labels))},
    }


def award(record_training, task, metric, value, setting, curve, picture, message):
    """Note what was reached, and lose what is missing to the full points."""
    share = credit(value, setting["full"], setting["zero"])
    record_training(
        task=task,
        metric=metric,
        value=float(f"{value:.6g}"),
        threshold=setting["full"],
        zero=setting["zero"],
        target=setting["told"],
        share=share,
        loss_curve=[float(f"{loss:.6g}") for loss in curve],
        map=picture,
    )
    if share < 1:
        status = "partial" if share > 0 else "failed"
        raise LostPoints("below_threshold", message, status=status, fraction=share)


@check("fit_logistic.bands")
def test_bands(student, settings, data, record_training):
    setting, arrays = settings["bands"], data("bands")
    X, y, steps = arrays["X_train"], arrays["y_train"], int(setting["steps"])
    w, b, losses = outputs(student.fit_logistic(X, y, setting["lr"], steps), 3, "fit_logistic")
    w, b = as_array(w, "w", (2,)).astype(float), as_number(b, "b")
    curve = as_array(losses, "losses", (steps,)).astype(float)

    def label_of(points):
        return (points @ w + b >= 0).astype(int)

    reached = float(np.mean(label_of(arrays["X_test"]) == arrays["y_test"]))
    message = f"The accuracy on unseen points is {reached:.1%}; wanted is {setting['told']:.0%}."
    picture = plane(X, y, label_of)
    award(record_training, "bands", "test accuracy", reached, setting, curve, picture, message)


@check("KMeans.groups")
def test_groups(student, reference, rng, settings, data, record_training):
    setting, X = settings["groups"], data("groups")["X"]
    k = int(setting["k"])

    def judge(start):
        best = np.inf, None, None
        for _ in range(int(setting["runs"])):
            model = student.create("KMeans", k, rng=RandomGenerator(int(rng.integers(2**31))))
            history = model.fit(X)
            centres = as_array(model.get("centres"), "centres", (k, 2)).astype(float)
            total = reference.inertia(X, reference.assign(X, centres), centres)
            if total < best[0]:
                curve = np.ravel(as_array(history, "The history")).astype(float)[:100]
                best = total, centres, curve
        total, centres, curve = best
        if centres is None:
            raise LostPoints("not_finite", "The centres contain numbers that are not finite.", fraction=0.0)
        message = f"The least inertia of the starts is {total:.4g}; wanted is {setting['told']:g}."
        # From left to right: the pictures of two fits can be compared.
        centres = centres[np.argsort(centres[:, 0])]
        picture = plane(X, reference.assign(X, centres), lambda points: reference.assign(points, centres))
        award(record_training, "groups", "inertia", total, setting, curve, picture, message)

    until_decided(judge)
