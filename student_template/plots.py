# handout
"""Draws what your network learns: run ``python plots.py`` beside ``mlp.py`` and look into ``figures/``.

There is nothing to write here, and nothing here is marked. Each figure is tried on its own: as long as a
function that it needs is not written yet, it is skipped and the others are drawn.
"""

# %% [markdown]
# ## Figures
#
# There is nothing to write from here on, and nothing here is marked: these cells draw what your network does.
# As long as a function that a figure needs is not written yet, the figure is skipped. Change settings, look
# again, and use what you see in your answers.

# %%
import traceback
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

# %% module only
# isort: split
import matplotlib
from mlp import (
    MLP,
    SGD,
    Adam,
    accuracy,
    augment,
    batchnorm_backward,
    batchnorm_forward,
    bce_loss,
    cce_loss,
    compare_initializations,
    compare_learning_rates,
    compare_optimizers,
    compare_regularization,
    compare_widths,
    decision_grid,
    linear_backward,
    linear_forward,
    mse_backward,
    mse_loss,
    numerical_gradient,
    one_hot,
    relative_error,
    relu,
    relu_backward,
    shift_images,
    sigmoid,
    sigmoid_backward,
    sigmoid_bce_backward,
    softmax,
    softmax_cce_backward,
    standardize,
    train,
)

matplotlib.use("Agg")  # writes files and needs no display

# %%
IN_NOTEBOOK = "__file__" not in globals()
FOLDER = Path() if IN_NOTEBOOK else Path(__file__).resolve().parent


def read(name):
    """Arrays of one data set, by name."""
    with np.load(FOLDER / "data" / f"{name}.npz") as stored:
        return {key: stored[key] for key in stored.files}


def draw(make_figure):
    """Draw one figure: below the cell of a notebook, or into a file of the folder ``figures``.

    Whatever goes wrong is told and does not keep the next figure from being drawn.
    """
    if IN_NOTEBOOK and plt.get_backend().lower() == "agg":
        print(f"not drawn, since this notebook cannot show figures: {make_figure.__name__}")
        return
    try:
        figure = make_figure()
    except NotImplementedError as missing:
        plt.close("all")
        print(f"skipped: {missing} is not written yet (figure {make_figure.__name__})")
    except Exception:
        plt.close("all")
        print(f"failed: figure {make_figure.__name__}")
        traceback.print_exc()
    else:
        if not IN_NOTEBOOK:
            path = FOLDER / "figures" / f"{make_figure.__name__}.png"
            path.parent.mkdir(exist_ok=True)
            figure.savefig(path, dpi=120)
            plt.close(figure)
            print(f"wrote figures/{path.name}")


def panels(count, title, height=3.8):
    """Make a figure with some axes side by side."""
    figure, axes = plt.subplots(1, count, figsize=(4.6 * count, height), layout="constrained")
    figure.suptitle(title)
    return figure, axes


def plot_losses(axes, history):
    """Loss on the training data and, if there is any, on the validation data, by epoch."""
    epochs = np.arange(1, len(history["train_loss"]) + 1)
    axes.plot(epochs, history["train_loss"], label="training")
    if history["val_loss"]:
        axes.plot(epochs, history["val_loss"], "--", label="validation")
    axes.set(xlabel="epoch", ylabel="loss", title="Loss curves")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(alpha=0.3)
    axes.legend()


def plot_boundary(axes, model, X, y):
    """Regions of the plane by predicted class, and the points of a data set by true class."""
    margin = 0.2 * (X.max(axis=0) - X.min(axis=0))
    low, high = X.min(axis=0) - margin, X.max(axis=0) + margin

    def predict(points):
        P = model.predict_proba(points)
        return (P[:, 0] >= 0.5).astype(int) if P.shape[1] == 1 else P.argmax(axis=1)

    xx, yy, labels = decision_grid(predict, (low[0], high[0]), (low[1], high[1]), 200)
    classes = int(y.max()) + 1
    colors = [f"C{k}" for k in range(classes)]
    axes.contourf(xx, yy, labels, levels=np.arange(classes + 1) - 0.5, colors=colors, alpha=0.25)
    for k in range(classes):
        x1, x2 = X[y == k].T
        size = 20 if len(X) > 20 else 80
        axes.scatter(x1, x2, size, color=colors[k], edgecolor="white", linewidth=0.5, label=f"class {k}")
    axes.set(xlabel="$x_1$", ylabel="$x_2$", title="Decision boundary")
    axes.legend(loc="best", fontsize="small")


# %% [markdown]
# ### Gradients
#
# Are your backward functions the derivatives of your forward functions? An error around $10^{-9}$ says yes,
# one above $10^{-6}$ says no. Every layer's output is multiplied by fixed random numbers and summed up, so
# that there is one value to differentiate.


# %%
def gradients_of_layers():
    """Relative error of each backward function against centred differences."""
    rng = np.random.default_rng(0)
    X, W, b, dout = (rng.standard_normal(shape) for shape in [(5, 3), (3, 4), (4,), (5, 4)])
    Z = rng.standard_normal((5, 4))
    Y, T = one_hot(np.array([0, 3, 1, 2, 3]), 4), (rng.random((5, 4)) < 0.5).astype(float)
    gamma, zero, one = rng.uniform(0.5, 2.0, 4), np.zeros(4), np.ones(4)

    def batchnorm(Z):
        return np.sum(dout * batchnorm_forward(Z, gamma, zero, zero, one, train=True)[0])

    dX, dW, db = linear_backward(dout, X, W)
    checks = {
        "linear: dX": (dX, lambda X: np.sum(dout * linear_forward(X, W, b)), X),
        "linear: dW": (dW, lambda W: np.sum(dout * linear_forward(X, W, b)), W),
        "linear: db": (db, lambda b: np.sum(dout * linear_forward(X, W, b)), b),
        "relu": (relu_backward(dout, Z), lambda Z: np.sum(dout * relu(Z)), Z),
        "sigmoid": (sigmoid_backward(dout, sigmoid(Z)), lambda Z: np.sum(dout * sigmoid(Z)), Z),
        "MSE": (mse_backward(Z, Y), lambda Z: mse_loss(Z, Y), Z),
        "sigmoid + BCE": (sigmoid_bce_backward(sigmoid(Z), T), lambda Z: bce_loss(sigmoid(Z), T), Z),
        "softmax + CCE": (softmax_cce_backward(softmax(Z), Y), lambda Z: cce_loss(softmax(Z), Y), Z),
        "batch norm: dX": (batchnorm_backward(dout, Z, gamma)[0], batchnorm, Z),
    }
    errors = [relative_error(numerical_gradient(f, x), gradient) for gradient, f, x in checks.values()]
    figure, axes = panels(1, "Backward functions against centred differences")
    axes.barh(list(checks), errors, color=["C0" if error < 1e-6 else "C3" for error in errors])
    axes.axvline(1e-6, color="C3", linestyle="--", label="too much: above $10^{-6}$")
    axes.set(xscale="log", xlim=(1e-13, 2), xlabel="relative error")
    axes.invert_yaxis()
    axes.legend(loc="lower right", fontsize="small")
    return figure


draw(gradients_of_layers)


# %% [markdown]
# The same for a whole network, and for one of its gradients with steps $h$ of all sizes: why does the error
# grow at *both* ends?


# %%
def gradients_of_network():
    """Relative error of each gradient of a network, and of one of them for several steps."""
    rng = np.random.default_rng(1)
    X, Y = rng.standard_normal((10, 3)), one_hot(rng.integers(0, 4, 10), 4)
    model = MLP([3, 6, 5, 4], hidden="sigmoid", init="xavier", l2=0.01, rng=rng)
    _, grads = model.loss_and_grads(X, Y)

    def error(key, h):
        original = model.params[key]

        def loss(values):
            model.params[key] = values
            return model.loss(X, Y)

        numerical = numerical_gradient(loss, original.copy(), h)
        model.params[key] = original
        return relative_error(numerical, grads[key])

    figure, (left, right) = panels(2, "Gradients of a network 3-6-5-4, sigmoid, L2")
    errors = [error(key, 1e-5) for key in grads]
    left.bar(list(grads), errors, color=["C0" if e < 1e-6 else "C3" for e in errors])
    left.axhline(1e-6, color="C3", linestyle="--", label="too much: above $10^{-6}$")
    left.set(yscale="log", ylim=(1e-13, 2), xlabel="parameter", title="Step $10^{-5}$")
    left.set_ylabel("relative error")
    left.legend(fontsize="small")
    steps = np.logspace(-12, 0, 25)
    right.plot(steps, [error("W1", h) for h in steps], "o-", markersize=4)
    right.set(xscale="log", yscale="log", xlabel="step $h$", ylabel="relative error", title="Gradient of W1")
    right.grid(alpha=0.3)
    return figure


draw(gradients_of_network)


# %% [markdown]
# ### XOR
#
# Four points that no straight line separates: once with a plain network, once with batch normalization,
# dropout and L2, which have nothing to improve here but must not do harm either.


# %%
def draw_xor(title, model, lr):
    """Train a network on XOR; draw its loss curve and its decision boundary."""
    X, y = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]), np.array([0, 1, 0, 1])
    Y = y[:, np.newaxis].astype(float)
    history = train(model, X, Y, Adam(lr=lr), epochs=400, rng=np.random.default_rng(0))
    share, loss = accuracy(model.predict_proba(X), Y), history["train_loss"][-1]
    figure, (left, right) = panels(2, f"{title}: {4 * share:.0f} of 4 right, loss {loss:.4f}")
    plot_losses(left, history)
    plot_boundary(right, model, X, y)
    return figure


def xor_plain():
    """Network 2-8-1 with sigmoids."""
    model = MLP([2, 8, 1], hidden="sigmoid", output="sigmoid", init="xavier", rng=np.random.default_rng(0))
    return draw_xor("XOR, plain", model, lr=0.1)


draw(xor_plain)


# %%
def xor_everything():
    """Network 2-16-16-1 with batch normalization, dropout and L2."""
    rng = np.random.default_rng(0)
    model = MLP([2, 16, 16, 1], output="sigmoid", l2=1e-4, dropout=0.2, batchnorm=True, rng=rng)
    return draw_xor("XOR, batch norm + dropout + L2", model, lr=0.02)


draw(xor_everything)


# %% [markdown]
# ### Regression
#
# Inputs are standardized with the mean and deviation of the training data. The noise in the targets has a
# standard deviation of 10: what is the lowest mean squared error that one may hope for?


# %%
def regression():
    """Network 3-128-1 with linear output: loss curves, and predictions against true values."""
    data = read("regression")
    X, X_test = standardize(data["X_train"], data["X_test"])
    Y, Y_test = data["y_train"], data["y_test"]
    rng = np.random.default_rng(0)
    model = MLP([3, 128, 1], output="linear", rng=rng)
    history = train(model, X, Y, SGD(lr=0.003), 20, 32, rng, X_test, Y_test)
    P = model.predict_proba(X_test)
    figure, (left, right) = panels(
        2, f"Regression: mean squared error on test data {mse_loss(P, Y_test):.0f}"
    )
    plot_losses(left, history)
    left.lines[-1].set_label("test")
    left.legend()
    left.set_ylabel("mean squared error")
    ends = [Y_test.min(), Y_test.max()]
    right.plot(ends, ends, color="0.6", label="prediction = truth")
    right.scatter(Y_test[:, 0], P[:, 0], s=10, label="test examples")
    right.set(xlabel="true value", ylabel="predicted value", title="Predictions")
    right.legend()
    return figure


draw(regression)


# %% [markdown]
# ### Spirals
#
# Three interleaved arms. A linear classifier gets about half of the points right.


# %%
def train_on_spirals(epochs=30):
    """Train the network of task 3.8 on the spirals; return it with its losses and the data."""
    data = read("spirals")
    Y, Y_val = one_hot(data["y_train"], 3), one_hot(data["y_val"], 3)
    rng = np.random.default_rng(0)
    model = MLP([2, 64, 3], l2=1e-4, rng=rng)
    history = train(model, data["X_train"], Y, Adam(lr=0.02), epochs, 32, rng, data["X_val"], Y_val)
    return model, history, data


def spirals_loss_curves():
    """Loss on training and validation data."""
    model, history, data = train_on_spirals()
    share = accuracy(model.predict_proba(data["X_val"]), one_hot(data["y_val"], 3))
    figure, axes = panels(1, f"Spirals: validation accuracy {share:.1%}")
    plot_losses(axes, history)
    return figure


draw(spirals_loss_curves)


# %%
def spirals_decision_boundary():
    """Regions after one epoch and after thirty, with the training points."""
    figure, both = panels(2, "Spirals: what the network has learned")
    for axes, epochs in zip(both, (1, 30), strict=True):
        model, _, data = train_on_spirals(epochs)
        plot_boundary(axes, model, data["X_train"], data["y_train"])
        axes.set_title(f"Decision boundary after {epochs} epoch{'s' if epochs > 1 else ''}")
        axes.set_aspect("equal")
    return figure


draw(spirals_decision_boundary)


# %% [markdown]
# ### Initializations, optimizers, learning rates, widths
#
# The first four experiments of 3.10, on the spirals.


# %%
def initializations():
    """Learning by initial weights, and how far the signal comes at the start."""
    data = read("spirals")
    X, Y = data["X_train"], one_hot(data["y_train"], 3)
    results = compare_initializations(X, Y, depth=6, width=64, epochs=10, rng=np.random.default_rng(0))
    figure, (left, right) = panels(2, "Initial weights, six hidden layers of 64 units")
    styles = dict(zip(results, ("-", "--", "-", "-"), strict=False))  # zero and random lie on each other
    for name, result in results.items():
        losses = result["train_loss"]
        left.plot(np.arange(1, len(losses) + 1), losses, styles.get(name, "-"), label=name)
    left.set(xlabel="epoch", ylabel="training loss", title="Loss curves")
    left.grid(alpha=0.3)
    left.legend()
    ratios = [result["activation_ratio"] for result in results.values()]
    bars = right.bar(list(results), ratios, color=[f"C{i}" for i in range(len(results))])
    right.bar_label(bars, [f"{ratio:.2g}" for ratio in ratios])
    right.set(xlabel="initial weights", ylabel="std of activations: last layer / first layer")
    right.set_title("Signal before training")
    right.margins(y=0.15)
    return figure


draw(initializations)


# %%
def optimizers():
    """Loss curves of the five optimizers."""
    data = read("spirals")
    curves = compare_optimizers(data["X_train"], one_hot(data["y_train"], 3), 40, np.random.default_rng(0))
    figure, axes = panels(1, "Optimizers, same initial weights, same batches")
    for name, losses in curves.items():
        axes.plot(np.arange(1, len(losses) + 1), losses, label=name)
    axes.set(xlabel="epoch", ylabel="training loss", yscale="log")
    axes.grid(alpha=0.3, which="both")
    axes.legend()
    return figure


draw(optimizers)


# %%
def learning_rates():
    """Loss after training by learning rate; what diverged stands at the top."""
    data = read("spirals")
    rates = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0]
    Y = one_hot(data["y_train"], 3)
    losses = compare_learning_rates(data["X_train"], Y, rates, epochs=40, rng=np.random.default_rng(0))
    values = np.array([losses[rate] for rate in rates])
    finite = np.isfinite(values)
    figure, axes = panels(1, "SGD on the spirals, 40 epochs")
    axes.plot(np.array(rates)[finite], values[finite], "o-", label="loss after training")
    axes.axhline(np.log(3), color="0.5", linestyle="--", label=r"guessing: $\log 3$")
    top = {"rotation": 90, "ha": "center", "va": "top", "transform": axes.get_xaxis_transform()}
    for rate in np.array(rates)[~finite]:
        axes.text(rate, 0.97, "diverged", **top)
    axes.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="training loss")
    axes.grid(alpha=0.3)
    axes.legend()
    return figure


draw(learning_rates)


# %%
def widths():
    """Training accuracy by the number of hidden units."""
    data = read("spirals")
    units = [1, 2, 4, 8, 16, 32]
    Y = one_hot(data["y_train"], 3)
    shares = compare_widths(data["X_train"], Y, units, epochs=60, rng=np.random.default_rng(0))
    figure, axes = panels(1, "Capacity: one hidden layer on the spirals")
    bars = axes.bar([str(width) for width in units], [shares[width] for width in units])
    axes.bar_label(bars, [f"{shares[width]:.0%}" for width in units])
    axes.axhline(1 / 3, color="0.5", linestyle="--", label="guessing")
    axes.set(xlabel="hidden units", ylabel="training accuracy", ylim=(0, 1.1))
    axes.legend(loc="upper left")
    return figure


draw(widths)


# %% [markdown]
# ### Generalization
#
# Sixty points of two moons, every tenth of them with a wrong label, and a network with room to learn the
# errors by heart. The gap between the two curves is what `compare_regularization` measures.


# %%
REGULARIZATIONS = {"none": {}, "L2 3e-3": {"l2": 3e-3}, "dropout 0.5": {"dropout": 0.5}}


def train_on_moons(**settings):
    """Train a network 2-64-64-2 on the moons; return it with its losses and the data."""
    data = read("moons")
    Y, Y_val = one_hot(data["y_train"], 2), one_hot(data["y_val"], 2)
    rng = np.random.default_rng(0)
    model = MLP([2, 64, 64, 2], rng=rng, **settings)
    history = train(model, data["X_train"], Y, Adam(lr=0.01), 150, 32, rng, data["X_val"], Y_val)
    return model, history, data


def train_against_validation():
    """Loss on training and validation data, without regularization and with two kinds of it."""
    figure, each = panels(3, "Moons: training against validation")
    for axes, (name, settings) in zip(each, REGULARIZATIONS.items(), strict=True):
        model, history, data = train_on_moons(**settings)
        share = accuracy(model.predict_proba(data["X_val"]), one_hot(data["y_val"], 2))
        plot_losses(axes, history)
        axes.set(title=f"{name}: validation accuracy {share:.0%}")
    top = max(axes.get_ylim()[1] for axes in each)
    for axes in each:
        axes.set_ylim(0, top)
    return figure


draw(train_against_validation)


# %%
def moons_decision_boundary():
    """Regions of the three networks, with the training points."""
    figure, each = panels(3, "Moons: what the networks make of six wrong labels")
    for axes, (name, settings) in zip(each, REGULARIZATIONS.items(), strict=True):
        model, _, data = train_on_moons(**settings)
        plot_boundary(axes, model, data["X_train"], data["y_train"])
        axes.set(title=name)
    return figure


draw(moons_decision_boundary)


# %%
def generalization_gap():
    """Validation loss minus training loss after training, for three kinds of networks."""
    data = read("moons")
    Y, Y_val = one_hot(data["y_train"], 2), one_hot(data["y_val"], 2)
    gaps = compare_regularization(data["X_train"], Y, data["X_val"], Y_val, 150, np.random.default_rng(0))
    figure, axes = panels(1, "Moons: generalization gap")
    bars = axes.bar(list(gaps), list(gaps.values()))
    axes.bar_label(bars, [f"{gap:.2f}" for gap in gaps.values()])
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set(xlabel="regularization", ylabel="validation loss - training loss")
    axes.margins(y=0.15)
    return figure


draw(generalization_gap)


# %% [markdown]
# ### Digits
#
# The last 200 of the 1200 images stay out of training. The test images are the grader's.


# %%
def train_on_digits(images, y, epochs=15):
    """Train the network of task 3.8 on images of shape (N, 8, 8); return it with its losses."""
    X, Y = images.reshape(len(images), 64), one_hot(y, 10)
    held_out, y_held_out = read_digits(slice(1000, None))
    rng = np.random.default_rng(0)
    model = MLP([64, 64, 10], rng=rng)
    X_val, Y_val = held_out.reshape(len(held_out), 64), one_hot(y_held_out, 10)
    history = train(model, X, Y, Adam(lr=0.005), epochs, 32, rng, X_val, Y_val)
    return model, history


def read_digits(part):
    """Images of shape (N, 8, 8) and labels of a part of the data."""
    data = read("digits")
    return data["X_train"][part].reshape(-1, 8, 8), data["y_train"][part]


def digits():
    """Loss curves and accuracy by digit."""
    model, history = train_on_digits(*read_digits(slice(1000)))
    images, y = read_digits(slice(1000, None))
    P = model.predict_proba(images.reshape(-1, 64))
    share = accuracy(P, one_hot(y, 10))
    figure, (left, right) = panels(2, f"Digits: accuracy on held-out images {share:.1%}")
    plot_losses(left, history)
    shares = [np.mean(P[y == digit].argmax(axis=1) == digit) for digit in range(10)]
    right.bar([str(digit) for digit in range(10)], shares)
    right.set(xlabel="digit", ylabel="accuracy", ylim=(0, 1.05), title="Digit by digit")
    return figure


draw(digits)


# %%
def digit_images():
    """Held-out images with their predictions: first the most doubtful ones."""
    model, _ = train_on_digits(*read_digits(slice(1000)))
    images, y = read_digits(slice(1000, None))
    P = model.predict_proba(images.reshape(-1, 64))
    doubtful = np.argsort(P[np.arange(len(y)), y])[:16]
    figure, grid = plt.subplots(2, 8, figsize=(9.2, 3.2), layout="constrained")
    figure.suptitle("Digits: the held-out images with the least probability for the true digit")
    for axes, n in zip(grid.ravel(), doubtful, strict=True):
        guess = int(P[n].argmax())
        axes.imshow(images[n], cmap="gray_r")
        axes.set_title(f"{guess}, true {y[n]}", color="C2" if guess == y[n] else "C3", fontsize="small")
        axes.axis("off")
    return figure


draw(digit_images)


# %%
def augmentation():
    """Accuracy on images as they are and moved by one pixel, with and without shifted copies in training."""
    images, y = read_digits(slice(1000))
    held_out, y_held_out = read_digits(slice(1000, None))
    moves = [(-1, 0), (1, 0), (0, -1), (0, 1)]
    tests = {
        "as they are": (held_out, y_held_out),
        "moved by one pixel": (
            np.concatenate([shift_images(held_out, dy, dx) for dy, dx in moves]),
            np.tile(y_held_out, len(moves)),
        ),
    }
    more = augment(images, y, copies=3, max_shift=1, rng=np.random.default_rng(0))
    models = {
        "trained on originals": train_on_digits(images, y, epochs=10)[0],
        "trained on shifted copies, too": train_on_digits(*more, epochs=10)[0],
    }
    figure, axes = panels(1, "Digits: what shifted copies are good for")
    for i, (name, model) in enumerate(models.items()):
        shares = [accuracy(model.predict_proba(X.reshape(-1, 64)), one_hot(t, 10)) for X, t in tests.values()]
        bars = axes.bar(np.arange(len(tests)) + 0.4 * i - 0.2, shares, width=0.4, label=name)
        axes.bar_label(bars, [f"{share:.0%}" for share in shares])
    axes.set(xlabel="held-out images", ylabel="accuracy", ylim=(0, 1.35))
    axes.set_xticks(range(len(tests)), list(tests))
    axes.legend(loc="upper right")
    return figure


draw(augmentation)
