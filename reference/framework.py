# handout
"""Part 4, a bonus: the same network in Keras or PyTorch, and a file that shows it.

There is nothing to write in here. Build the two models of part 4 in a file or notebook of your own and hand them
to `save_keras` or `save_torch`; neither framework is imported before that.
"""

# %% [markdown]
# ## Part 4: The same network in a framework (bonus, 5 points)
#
# What you wrote by hand, others have written, too. Build **one network twice**, in Keras *or* in PyTorch, let the
# function below record what it computes, and hand in the file `framework.npz` beside your homework. The grader
# does the same with NumPy and compares; so the framework has to agree with the conventions above, and it does
# where you configure it well. These points come on top of the hundred.
#
# **The network** is 2-16-8-3: two hidden layers of 16 and 8 ReLU units with biases, softmax, categorical
# cross-entropy; no regularization. Both models start from the framework's own random weights, each from others.
#
# | | `sequential` | `functional` |
# |---|---|---|
# | Keras | `keras.Sequential` | the functional API: `keras.Input`, layers that are called, `keras.Model` |
# | PyTorch | `torch.nn.Sequential` | a subclass of `torch.nn.Module` whose `forward` uses `torch.nn.functional` |
#
# A Keras model ends with softmax. A PyTorch model ends *before* it and returns the scores, since
# `torch.nn.CrossEntropyLoss` contains the softmax.
#
# **The data** are the 300 training points of the spirals in an order of your own, which follows from your student
# id (`framework_data`). Training goes through them in this order, so nobody else's file has your numbers.
#
# **How:** frameworks are not there when your homework is graded. Write a script beside this folder's files, or a
# notebook of its own:
#
#     from framework import save_keras
#
#     sequential = ...
#     functional = ...
#     save_keras("framework.npz", "your student id", sequential, functional)
#
# and look at the result with `compare_framework("framework.npz")`, which computes the same with *your* `MLP`,
# `SGD` and `Momentum`. All differences should be below 1e-6.
#
# **The file** holds `student_id`, `X` (300, 2) and `Y` (300, 3), and for each of the two models, with its name in
# front, these arrays; `W1` is (2, 16), in the orientation of $Z = XW + b$, and so on to `b3`:
#
# | array | what it is |
# |---|---|
# | `sequential_weights_W1`, ..., `_b3` | weights before training |
# | `sequential_outputs` | probabilities of all 300 rows, before training |
# | `sequential_loss` | loss of the first 60 rows, before training |
# | `sequential_gradient_W1`, ..., `_b3` | gradients of that loss |
# | `sequential_sgd_W1`, ..., `_b3` | weights after five steps of gradient descent, see below |
# | `sequential_momentum_W1`, ..., `_b3` | weights after five steps with momentum, see below |
#
# Both trainings start from the weights before, and are one epoch with learning rate 0.1 and batches of 60 rows in
# their order: rows 0 to 59, 60 to 119, ... Momentum is 0.9 **in the averaged form** of 2.12.
#
# Frameworks have no factor $1 - \beta$ in momentum. With a constant learning rate $\eta$ theirs is the same as ours
# with the learning rate $(1 - \beta)\,\eta$; that is what the functions below use.

# %%
import copy
import hashlib
import itertools
from pathlib import Path

import numpy as np

# %% module only
# isort: split
from mlp import MLP, SGD, Momentum

# %%
SIZES = [2, 16, 8, 3]
PARAMETERS = ["W1", "b1", "W2", "b2", "W3", "b3"]
BATCH_SIZE, LEARNING_RATE, BETA = 60, 0.1, 0.9


def framework_data(student_id):
    """Training points of the spirals and their one-hot labels, in the order of a student."""
    folder = Path(__file__).resolve().parent if "__file__" in globals() else Path()
    with np.load(folder / "data" / "spirals.npz") as stored:
        X, y = stored["X_train"], stored["y_train"]
    # Sorted by what nobody can choose: a number that follows from the id and the row.
    keys = [hashlib.sha256(f"{student_id} {row}".encode()).digest() for row in range(len(X))]
    order = np.array(sorted(range(len(X)), key=keys.__getitem__))
    return X[order].astype(np.float32), np.eye(3, dtype=np.float32)[y[order]]


def save_keras(path, student_id, sequential, functional):
    """Record two Keras models in a file.

    Parameters
    ----------
    path : str
        ``"framework.npz"``, to be handed in.
    student_id : str
        As your course knows you.
    sequential, functional : keras.Model
        With softmax at the end. They keep their weights, but are compiled anew.
    """
    _save(path, student_id, {"sequential": sequential, "functional": functional}, _record_keras)


def save_torch(path, student_id, sequential, functional):
    """Record two PyTorch models in a file.

    Parameters
    ----------
    path : str
        ``"framework.npz"``, to be handed in.
    student_id : str
        As your course knows you.
    sequential, functional : torch.nn.Module
        Return scores, without softmax. They stay as they are.
    """
    _save(path, student_id, {"sequential": sequential, "functional": functional}, _record_torch)


def _save(path, student_id, models, record):
    student_id = str(student_id).strip()
    if not student_id:
        raise ValueError("student_id must be yours: the order of the data follows from it")
    X, Y = framework_data(student_id)
    arrays = {"student_id": np.array(student_id), "X": X, "Y": Y}
    for name, model in models.items():
        arrays |= {f"{name}_{key}": np.asarray(value) for key, value in record(model, X, Y).items()}
    np.savez(path, **arrays)


def _named(what, arrays):
    """The six arrays of a network by name, held to their shapes."""
    shapes = [shape for D, H in itertools.pairwise(SIZES) for shape in ((D, H), (H,))]
    if [array.shape for array in arrays] != shapes:
        found = ", ".join(str(array.shape) for array in arrays)
        raise ValueError(f"the network must be 2-16-8-3, with biases; its weights have the shapes {found}")
    return {f"{what}_{name}": array for name, array in zip(PARAMETERS, arrays, strict=True)}


def _record_keras(model, X, Y):
    import keras

    start = model.get_weights()

    def run(rows, learning_rate, momentum=0.0):
        """The loss of the first batch, and the weights after one pass through these rows."""
        model.set_weights(start)
        optimizer = keras.optimizers.SGD(learning_rate, momentum)
        model.compile(optimizer=optimizer, loss=keras.losses.CategoricalCrossentropy())
        loss = model.evaluate(X[:BATCH_SIZE], Y[:BATCH_SIZE], batch_size=BATCH_SIZE, verbose=0)
        model.fit(X[:rows], Y[:rows], batch_size=BATCH_SIZE, epochs=1, shuffle=False, verbose=0)
        after = model.get_weights()
        model.set_weights(start)
        return loss, after

    # One step with learning rate 1 subtracts the gradient: this is the same in every backend of Keras.
    loss, after = run(BATCH_SIZE, 1.0)
    gradients = [a - b for a, b in zip(start, after, strict=True)]
    return {
        **_named("weights", start),
        "outputs": model.predict(X, verbose=0),
        "loss": np.float32(loss),
        **_named("gradient", gradients),
        **_named("sgd", run(len(X), LEARNING_RATE)[1]),
        **_named("momentum", run(len(X), LEARNING_RATE * (1 - BETA), BETA)[1]),
    }


def _record_torch(model, X, Y):
    import torch

    X, Y = torch.from_numpy(X), torch.from_numpy(Y)
    cross_entropy = torch.nn.CrossEntropyLoss()

    def weights(module):
        """As the homework has them: W is (inputs, outputs), where PyTorch has (outputs, inputs)."""
        return [parameter.detach().numpy().T.copy() for parameter in module.parameters()]

    def run(learning_rate, momentum=0.0):
        """The weights after one epoch."""
        moving = copy.deepcopy(model)
        optimizer = torch.optim.SGD(moving.parameters(), learning_rate, momentum)
        for first in range(0, len(X), BATCH_SIZE):
            rows = slice(first, first + BATCH_SIZE)
            optimizer.zero_grad()
            cross_entropy(moving(X[rows]), Y[rows]).backward()
            optimizer.step()
        return weights(moving)

    still = copy.deepcopy(model)
    loss = cross_entropy(still(X[:BATCH_SIZE]), Y[:BATCH_SIZE])
    loss.backward()
    return {
        **_named("weights", weights(model)),
        "outputs": torch.softmax(still(X), dim=1).detach().numpy(),
        "loss": loss.detach().numpy(),
        **_named("gradient", [parameter.grad.numpy().T.copy() for parameter in still.parameters()]),
        **_named("sgd", run(LEARNING_RATE)),
        **_named("momentum", run(LEARNING_RATE * (1 - BETA), BETA)),
    }


def compare_framework(path="framework.npz"):
    """Print how far a framework's numbers are from those of your own network."""
    with np.load(path) as stored:
        arrays = {key: stored[key] for key in stored.files}
    X, Y = (arrays[key].astype(float) for key in ("X", "Y"))
    batches = [slice(first, first + BATCH_SIZE) for first in range(0, len(X), BATCH_SIZE)]
    for name in ("sequential", "functional"):

        def started(name=name):
            model = MLP(SIZES)
            model.params = {key: arrays[f"{name}_weights_{key}"].astype(float) for key in PARAMETERS}
            return model

        loss, gradients = started().loss_and_grads(X[batches[0]], Y[batches[0]])
        mine = {"outputs": started().predict_proba(X), "loss": loss}
        mine |= {f"gradient_{key}": gradients[key] for key in PARAMETERS}
        for what, optimizer in (("sgd", SGD(LEARNING_RATE)), ("momentum", Momentum(LEARNING_RATE, BETA))):
            model = started()
            for rows in batches:
                optimizer.step(model.params, model.loss_and_grads(X[rows], Y[rows])[1])
            mine |= {f"{what}_{key}": model.params[key] for key in PARAMETERS}
        for what in ("outputs", "loss", "gradient", "sgd", "momentum"):
            keys = [key for key in mine if key.split("_")[0] == what]
            error = max(np.max(np.abs(mine[key] - arrays[f"{name}_{key}"])) for key in keys)
            print(f"{name} {what:<10} largest difference {error:.1e}")
