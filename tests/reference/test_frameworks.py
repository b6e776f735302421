"""The reference agrees with Keras and PyTorch themselves, where they are installed (``pip install -e .[framework]``).

PyTorch computes in double precision here, so that nothing but the formulas can differ; Keras in single.
"""

import importlib.util
import io
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment.load import load
from autograder.checking.fixtures import Fixtures, reference_module
from autograder.checking.in_process import InProcessSession
from autograder.checking.run import collect
from autograder.proving.prove import asks_code

ROOT = Path(__file__).parents[2]
ASSIGNMENT = load(ROOT)
MLP = reference_module(ASSIGNMENT.reference)
DOUBLE, SINGLE = 1e-12, 1e-5
# What frameworks say of themselves while they are imported is no error of ours.
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(300)]


def is_there(*names):
    return all(importlib.util.find_spec(name) for name in names)


@pytest.fixture(scope="module")
def keras():
    """Keras with a backend that is installed."""
    backend = next((name for name in ("jax", "torch") if is_there(name)), None)
    if backend is None or not is_there("keras"):
        pytest.skip("Keras, or a backend of it, is not installed")
    os.environ.setdefault("KERAS_BACKEND", backend)
    return importlib.import_module("keras")


@pytest.fixture(scope="module")
def torch():
    """PyTorch."""
    return pytest.importorskip("torch", reason="PyTorch is not installed", exc_type=ImportError)


def assert_near(found, expected, bound):
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    assert found.shape == expected.shape
    error = np.max(np.abs(found - expected))
    assert error <= bound * max(1.0, np.max(np.abs(expected))), error


# -- PyTorch, every formula


def loss_of(torch, output, Z, Y):
    """The homework's loss of scores."""
    if output == "softmax":
        return torch.nn.functional.cross_entropy(Z, Y)
    if output == "sigmoid":
        return torch.nn.functional.binary_cross_entropy_with_logits(Z, Y)
    return torch.nn.functional.mse_loss(Z, Y)


@pytest.mark.parametrize("hidden", ["relu", "sigmoid"])
@pytest.mark.parametrize("output", ["softmax", "sigmoid", "linear"])
@pytest.mark.parametrize("penalty", [0.0, 0.01])
def test_pytorch_gives_the_same_outputs_loss_and_gradients(torch, hidden, output, penalty):
    rng = np.random.default_rng(1)
    model = MLP.MLP([4, 6, 5, 3], hidden=hidden, output=output, l1=penalty, l2=2 * penalty, rng=rng)
    X = rng.normal(size=(9, 4))
    Y = {"softmax": np.eye(3)[rng.integers(0, 3, 9)], "linear": rng.normal(size=(9, 3))}.get(
        output, rng.integers(0, 2, (9, 3)).astype(float)
    )
    params = {k: torch.tensor(v, requires_grad=True) for k, v in model.params.items()}
    A = torch.tensor(X)
    for i in (1, 2):
        A = {"relu": torch.relu, "sigmoid": torch.sigmoid}[hidden](A @ params[f"W{i}"] + params[f"b{i}"])
    Z = A @ params["W3"] + params["b3"]
    weights = [params[f"W{i}"] for i in (1, 2, 3)]
    loss = loss_of(torch, output, Z, torch.tensor(Y))
    loss = loss + sum(penalty * W.abs().sum() + 2 * penalty * (W**2).sum() for W in weights)
    loss.backward()
    P = {"softmax": torch.softmax(Z, 1), "sigmoid": torch.sigmoid(Z), "linear": Z}[output]
    found, grads = model.loss_and_grads(X, Y)
    assert_near(model.predict_proba(X), P.detach().numpy(), DOUBLE)
    assert_near(found, loss.item(), DOUBLE)
    for key, gradient in grads.items():
        assert_near(gradient, params[key].grad.numpy(), DOUBLE)


@pytest.mark.parametrize(
    ("name", "ours", "settings"),
    [
        ("SGD", lambda: MLP.SGD(0.1), {"lr": 0.1}),
        ("SGD", lambda: MLP.Momentum(0.1, 0.9), {"lr": 0.1 * (1 - 0.9), "momentum": 0.9}),
        ("Adagrad", lambda: MLP.AdaGrad(0.1), {"lr": 0.1, "eps": 1e-8}),
        ("RMSprop", lambda: MLP.RMSprop(0.1), {"lr": 0.1, "alpha": 0.9, "eps": 1e-8}),
        ("Adam", lambda: MLP.Adam(0.1), {"lr": 0.1, "eps": 1e-8}),
    ],
    ids=["SGD", "Momentum", "AdaGrad", "RMSprop", "Adam"],
)
def test_pytorch_takes_the_same_steps(torch, name, ours, settings):
    rng = np.random.default_rng(2)
    params = {"W1": rng.normal(size=(3, 4)), "b1": rng.normal(size=4)}
    theirs = {key: torch.tensor(value.copy()) for key, value in params.items()}
    optimizer, other = ours(), getattr(torch.optim, name)(theirs.values(), **settings)
    for _ in range(20):
        grads = {key: rng.normal(size=value.shape) for key, value in params.items()}
        optimizer.step(params, grads)
        for key, gradient in grads.items():
            theirs[key].grad = torch.tensor(gradient)
        other.step()
    for key, value in params.items():
        assert_near(value, theirs[key].numpy(), DOUBLE)


def test_pytorch_normalizes_batches_in_the_same_way(torch):
    rng = np.random.default_rng(3)
    X, dY, gamma, beta = (
        rng.normal(size=(7, 4)),
        rng.normal(size=(7, 4)),
        rng.normal(size=4),
        rng.normal(size=4),
    )
    tensors = [torch.tensor(a, requires_grad=True) for a in (X, gamma, beta)]
    mean, var = torch.zeros(4, dtype=torch.float64), torch.ones(4, dtype=torch.float64)
    Y = torch.nn.functional.batch_norm(tensors[0], mean, var, *tensors[1:], training=True, momentum=0.1)
    Y.backward(torch.tensor(dY))
    found, new_mean, _ = MLP.batchnorm_forward(X, gamma, beta, np.zeros(4), np.ones(4), train=True)
    assert_near(found, Y.detach().numpy(), DOUBLE)
    assert_near(new_mean, mean.numpy(), DOUBLE)  # its running variance is the unbiased one
    for gradient, tensor in zip(MLP.batchnorm_backward(dY, X, gamma), tensors, strict=True):
        assert_near(gradient, tensor.grad.numpy(), DOUBLE)


# -- Keras, what the conventions take from it


def test_keras_gives_the_same_loss_and_gradients_with_l2(keras):
    rng = np.random.default_rng(4)
    model = MLP.MLP([3, 5, 2], l2=0.03, rng=rng)
    X, Y = rng.normal(size=(8, 3)), np.eye(2)[rng.integers(0, 2, 8)]
    regular = {"kernel_regularizer": keras.regularizers.L2(0.03)}
    layers = [keras.layers.Dense(5, "relu", **regular), keras.layers.Dense(2, "softmax", **regular)]
    other = keras.Sequential([keras.Input((3,)), *layers])
    other.set_weights(list(model.params.values()))
    other.compile(keras.optimizers.SGD(1.0), keras.losses.CategoricalCrossentropy())
    loss, grads = model.loss_and_grads(X, Y)
    assert_near(other.evaluate(X, Y, verbose=0), loss, SINGLE)
    other.fit(X, Y, batch_size=8, epochs=1, verbose=0)
    for (key, start), after in zip(model.params.items(), other.get_weights(), strict=True):
        assert_near(start - after, grads[key], SINGLE)


def test_keras_keeps_the_same_running_statistics(keras):
    X = np.random.default_rng(5).normal(2.0, 3.0, size=(6, 4)).astype("float32")
    layer = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
    Y = keras.ops.convert_to_numpy(layer(X, training=True))
    found = MLP.batchnorm_forward(X, np.ones(4), np.zeros(4), np.zeros(4), np.ones(4), train=True)
    for ours, theirs in zip(
        found, (Y, layer.moving_mean.numpy(), layer.moving_variance.numpy()), strict=True
    ):
        assert_near(ours, theirs, SINGLE)


# -- the file of part 4, made as students make it


@pytest.fixture
def handout(monkeypatch):
    """The module that students are given."""
    monkeypatch.setitem(sys.modules, "mlp", MLP)
    spec = importlib.util.spec_from_file_location("framework", ROOT / "reference" / "framework.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def keras_models(keras):
    spec = importlib.util.spec_from_file_location("make_framework", ROOT / "reference" / "make_framework.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.models()


def torch_models(torch):
    nn, F = torch.nn, torch.nn.functional

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second, self.third = nn.Linear(2, 16), nn.Linear(16, 8), nn.Linear(8, 3)

        def forward(self, X):
            return self.third(F.relu(self.second(F.relu(self.first(X)))))

    layers = [nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 3)]
    return nn.Sequential(*layers), Net()


@pytest.mark.parametrize("name", ["keras", "torch"])
def test_a_file_of_the_framework_earns_the_bonus(name, handout, request, capsys):
    framework = request.getfixturevalue(name)
    models = {"keras": keras_models, "torch": torch_models}[name](framework)
    stream = io.BytesIO()
    {"keras": handout.save_keras, "torch": handout.save_torch}[name](stream, "ada", *models)
    files = {"framework.npz": stream.getvalue()}
    fixtures = Fixtures(ASSIGNMENT, InProcessSession({}), ASSIGNMENT.seed, files)
    checks = {i: check for i, check in collect(ASSIGNMENT).items() if not asks_code(check)}
    lost = {i: fixtures.run(check, i) for i, check in checks.items()}
    assert {i: found.message for i, found in lost.items() if found.fraction < 1} == {}
    stream.seek(0)
    handout.compare_framework(stream)
    assert all(float(line.split()[-1]) < SINGLE for line in capsys.readouterr().out.splitlines())
