# handout
"""Draws what your two learners make of the data: run ``python plots.py`` and look into ``figures/``.

There is nothing to write here, and nothing here is marked.
"""

# %% [markdown]
# ## Pictures
#
# There is nothing to write from here on: these cells draw what your functions make of the data. As long as a function
# that a picture needs is not written yet, the picture is left out.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

# %% module only
# isort: split
import matplotlib
from learners import KMeans, fit_logistic, predict_label

matplotlib.use("Agg")  # writes files and needs no display

# %%
IN_NOTEBOOK = "__file__" not in globals()
FOLDER = Path() if IN_NOTEBOOK else Path(__file__).resolve().parent


def draw(make_figure):
    """Show a picture below its cell, or write it into ``figures``."""
    try:
        figure = make_figure()
    except NotImplementedError as missing:
        print(f"{make_figure.__name__} is left out: {missing} is not written yet.")
        return
    if not IN_NOTEBOOK:
        path = FOLDER / "figures" / f"{make_figure.__name__}.png"
        path.parent.mkdir(exist_ok=True)
        figure.savefig(path)
        plt.close(figure)
        print(f"wrote figures/{path.name}")


def read(name):
    """Arrays of one data set."""
    with np.load(FOLDER / "data" / f"{name}.npz") as stored:
        return {key: stored[key] for key in stored.files}


# %%
def bands():
    """The two sides of your line with the points that it was learned from, and the loss step by step."""
    arrays = read("bands")
    X, y = arrays["X_train"], arrays["y_train"]
    w, b, losses = fit_logistic(X, y, lr=0.5, steps=400)
    figure, (plane, curve) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
    low, high = X.min(axis=0) - 0.5, X.max(axis=0) + 0.5
    across, up = np.meshgrid(np.linspace(low[0], high[0], 200), np.linspace(low[1], high[1], 200))
    sides = predict_label(np.column_stack([across.ravel(), up.ravel()]), w, b)
    plane.contourf(across, up, np.reshape(sides, across.shape), levels=[-0.5, 0.5, 1.5], alpha=0.3)
    plane.scatter(X[:, 0], X[:, 1], c=y, s=12)
    curve.plot(np.arange(1, len(losses) + 1), losses)
    curve.set(xlabel="step", ylabel="log loss")
    return figure


draw(bands)


# %%
def groups():
    """Your groups with their centres, and the inertia for several numbers of groups."""
    X = read("groups")["X"]
    model = KMeans(5, rng=np.random.default_rng(1))
    model.fit(X)
    figure, (plane, curve) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
    plane.scatter(X[:, 0], X[:, 1], c=model.labels, s=12)
    plane.plot(*np.transpose(model.centres), "k+", markersize=14)
    ks = range(1, 11)
    least = [min(KMeans(k, rng=np.random.default_rng(start)).fit(X)[-1] for start in range(6)) for k in ks]
    curve.plot(ks, least, "o-")
    curve.set(xlabel="number of groups", ylabel="least inertia of six starts")
    return figure


draw(groups)
