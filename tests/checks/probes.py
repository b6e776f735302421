"""Questions that only diagnosis asks: inputs on which mistakes differ that look alike in the checks.

A probe judges nothing.  It is asked of a submission that has lost points in the function or class it is named for,
and of the known mistakes, and the answers are compared.
"""

import itertools

import numpy as np

from autograder.checking import RandomGenerator, probe


def seed(rng):
    return RandomGenerator(int(rng.integers(2**31)))


def network(student, rng, sizes, **settings):
    """A network with weights from here, so that the student's draws do not matter."""
    model = student.create("MLP", sizes, rng=seed(rng), **settings)
    params = {}
    for i, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes), 1):
        params |= {f"W{i}": rng.normal(size=(fan_in, fan_out)), f"b{i}": rng.normal(size=fan_out)}
    model.update("params", params)
    return model


def labelled(rng, N, K):
    return rng.normal(size=(N, 2)), np.eye(K)[rng.integers(0, K, N)]


@probe("sigmoid")
def large_numbers_of_one_sign(student, rng):
    student.sigmoid(rng.uniform(1.0, 3.0, size=(2, 3)))
    student.sigmoid(np.array([[1000.0, 800.0, 3.0]]))
    student.sigmoid(np.array([[-1000.0, -800.0, -3.0]]))


@probe("batchnorm_backward")
def small_variance(student, rng):
    dY, X = rng.normal(size=(6, 3)), 0.005 * rng.normal(size=(6, 3))
    student.batchnorm_backward(dY, X, rng.uniform(0.5, 1.5, size=3))


def steps(student, rng, name, **settings):
    """Two optimizers one after the other, on three arrays."""
    for _ in range(2):
        optimizer = student.create(name, 0.1, **settings)
        params = student.keep(
            {"W1": rng.normal(size=(2, 3)), "b1": rng.normal(size=3), "W2": rng.normal(size=(3, 2))}
        )
        for _ in range(2):
            grads = {"W1": rng.normal(size=(2, 3)), "b1": rng.normal(size=3), "W2": rng.normal(size=(3, 2))}
            optimizer.step(params, grads)
            params.value()


@probe("SGD")
def sgd_on_three_arrays(student, rng):
    steps(student, rng, "SGD")


@probe("Adam")
def two_adams(student, rng):
    steps(student, rng, "Adam")


@probe("train")
def batches_with_a_large_rate(student, rng):
    X, Y = labelled(rng, 7, 3)
    model = network(student, rng, [2, 4, 3])
    student.train(model, X, Y, student.create("SGD", 0.2), 2, 3, seed(rng))
    model.get("params")


@probe("compare_initializations")
def few_epochs_of_initializations(student, rng):
    X, Y = labelled(rng, 40, 3)
    student.compare_initializations(X, Y, 2, 4, 2, seed(rng))


@probe("compare_optimizers")
def few_epochs_of_optimizers(student, rng):
    X, Y = labelled(rng, 40, 3)
    student.compare_optimizers(X, Y, 2, seed(rng))


@probe("compare_widths")
def few_epochs_of_widths(student, rng):
    X, Y = labelled(rng, 40, 3)
    student.compare_widths(X, Y, [4, 1, 2], 2, seed(rng))


@probe("compare_learning_rates")
def few_epochs_of_learning_rates(student, rng):
    X, Y = labelled(rng, 40, 3)
    student.compare_learning_rates(X, Y, [0.1, 0.01, 1.0], 2, seed(rng))


@probe("compare_regularization")
def few_epochs_of_regularization(student, rng):
    X, Y = labelled(rng, 40, 2)
    X_val, Y_val = labelled(rng, 10, 2)
    student.compare_regularization(X, Y, X_val, Y_val, 2, seed(rng))
