"""Make the homework's data sets, or check that the stored ones are what this file says.

``python reference/make_data.py`` rewrites ``reference/data/*.npz`` and ``hashes.json``; with ``--check`` it
writes nothing and ends with status 1 if a stored array was changed or this file no longer makes it. The
arrays are stored because no library promises that its random stream stays the same in the next version.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

Arrays = dict[str, np.ndarray]

DATA = Path(__file__).resolve().parent / "data"

PUBLIC: dict[str, tuple[str, ...]] = {
    name: tuple(keys) for name, keys in json.loads((DATA / "public.json").read_text(encoding="utf-8")).items()
}
"""The arrays students are given; all others are for grading only."""

DECIMALS = 8
"""Sines, dot products and normal deviates differ in their last bits between processors: rounding hides it."""


def regression() -> Arrays:
    """One linear target of three features, split 800 to 200; raw: standardizing is the student's work."""
    from sklearn.datasets import make_regression  # imported here: reading PUBLIC must stay fast

    X, y = make_regression(1000, 3, noise=10, random_state=42)
    return _split(X, y[:, np.newaxis], n_train=800, seed=42)


def spirals() -> Arrays:
    """Three interleaved spirals: 3 x 100 points to train on, 3 x 50 to validate, 3 x 300 hidden."""
    arrays: Arrays = {}
    for seed, (name, n_per_class) in enumerate({"train": 100, "val": 50, "test": 300}.items(), start=1):
        arrays[f"X_{name}"], arrays[f"y_{name}"] = _three_spirals(n_per_class, np.random.default_rng(seed))
    return arrays


def digits() -> Arrays:
    """The 8 x 8 handwritten digits that come with scikit-learn, scaled to [0, 1], split 1200 to 597."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return _split(images / 16.0, labels, n_train=1200, seed=42)


def moons() -> Arrays:
    """Two half-moons to overfit: 60 training points with 6 wrong labels, 200 correct ones to validate."""
    # Seed 3: of nine tried, one where the gap without regularization is wide for every initial network.
    rng = np.random.default_rng(3)
    X_train, y_train = _two_moons(30, rng)
    flipped = rng.choice(60, size=6, replace=False)
    y_train[flipped] = 1 - y_train[flipped]
    X_val, y_val = _two_moons(100, rng)
    return {"X_train": X_train, "y_train": y_train, "X_val": X_val, "y_val": y_val}


MAKERS: dict[str, Callable[[], Arrays]] = {
    "regression": regression,
    "spirals": spirals,
    "digits": digits,
    "moons": moons,
}


def make(name: str) -> Arrays:
    """Make one data set as it is stored: float64 rounded to `DECIMALS`, or int64 labels."""
    return {key: _canonical(array) for key, array in MAKERS[name]().items()}


def load(name: str) -> Arrays:
    """Read one stored data set, hidden arrays included."""
    with np.load(DATA / f"{name}.npz", allow_pickle=False) as stored:
        return {key: stored[key] for key in stored.files}


def fingerprint(array: np.ndarray) -> str:
    """SHA-256 of an array's dtype, shape and bytes in C order.

    The ``.npz`` file itself is not hashed: its bytes depend on the version of zlib that compressed it.
    """
    little_endian = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    header = f"{little_endian.dtype.str} {array.shape}\n".encode()
    return hashlib.sha256(header + little_endian.tobytes()).hexdigest()


def stored_hashes() -> dict[str, dict[str, str]]:
    """Read the fingerprints the stored arrays must have, by data set and key."""
    return json.loads((DATA / "hashes.json").read_text(encoding="utf-8"))


def problems(name: str) -> list[str]:
    """Say what is wrong with a stored data set, one sentence each; nothing if it is sound.

    Stored bytes must match their fingerprints exactly. What is made anew must agree to within the rounding,
    since a value next to a rounding boundary may fall to either side of it on another processor.
    """
    stored, expected, made = load(name), stored_hashes()[name], make(name)
    if not stored.keys() == expected.keys() == made.keys():
        return [f"{name}: has {sorted(stored)}, hashes.json {sorted(expected)}, make_data.py {sorted(made)}"]
    found = [
        f"{name}.{key}: does not match hashes.json"
        for key in stored
        if fingerprint(stored[key]) != expected[key]
    ]
    for key, array in stored.items():
        same_form = array.dtype == made[key].dtype and array.shape == made[key].shape
        tolerance = 2 * 10.0**-DECIMALS if array.dtype.kind == "f" else 0
        if not (same_form and np.allclose(array, made[key], rtol=0, atol=tolerance)):
            found.append(f"{name}.{key}: make_data.py now makes another array")
    return found


def write() -> None:
    """Make every data set and store it with its fingerprints."""
    DATA.mkdir(exist_ok=True)
    hashes = {}
    for name in MAKERS:
        arrays = make(name)
        np.savez_compressed(DATA / f"{name}.npz", **arrays)
        hashes[name] = {key: fingerprint(array) for key, array in arrays.items()}
    (DATA / "hashes.json").write_text(json.dumps(hashes, indent=2) + "\n", encoding="utf-8")


def _three_spirals(n_per_class: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    # 4 rad from end to end keep a linear classifier at a test accuracy of 0.54 (20 runs: 0.537 to 0.552);
    # noise of 0.3 rad keeps the 2-64-3 network of the rubric below 1 (100 runs: 0.979 to 0.989).
    turn, noise = 4.0, 0.3
    y = np.repeat(np.arange(3), n_per_class)
    radius = np.tile(np.linspace(0.05, 1.0, n_per_class), 3)
    angle = 2 * np.pi / 3 * y + turn * radius + noise * rng.standard_normal(y.size)
    return np.column_stack((radius * np.sin(angle), radius * np.cos(angle))), y


def _two_moons(n_per_class: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    angle = np.linspace(0.0, np.pi, n_per_class)
    upper = np.column_stack((np.cos(angle), np.sin(angle)))
    lower = np.column_stack((1.0 - np.cos(angle), 0.5 - np.sin(angle)))
    X = np.concatenate((upper, lower))
    return X + 0.2 * rng.standard_normal(X.shape), np.repeat([0, 1], n_per_class)


def _split(X: np.ndarray, y: np.ndarray, *, n_train: int, seed: int) -> Arrays:
    order = np.random.default_rng(seed).permutation(len(X))
    train, test = order[:n_train], order[n_train:]
    return {"X_train": X[train], "y_train": y[train], "X_test": X[test], "y_test": y[test]}


def _canonical(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind == "f":
        return np.round(array, DECIMALS).astype("<f8") + 0.0  # + 0.0: no negative zeros
    return array.astype("<i8")


def main() -> int:
    """Rewrite the data sets, or check them; return the exit status."""
    parser = argparse.ArgumentParser(description="Make the homework's data sets.")
    parser.add_argument(
        "--check", action="store_true", help="verify the stored arrays instead of rewriting them"
    )
    if not parser.parse_args().check:
        write()
        return 0
    found = [sentence for name in MAKERS for sentence in problems(name)]
    print("\n".join(found) if found else "All data sets are as stored.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
