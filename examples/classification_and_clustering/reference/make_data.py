"""Make the homework's data sets: ``python make_data.py`` rewrites ``data/*.npz``.

They are stored because no library promises that its random stream stays the same in the next version.
"""

from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parent / "data"
SEED = 2027
DECIMALS = 6
"""The last bits of normal deviates differ between processors: rounding hides it."""


def bands(rng):
    """Two long clouds side by side: 80 points of each class to train on, 300 of each, for grading only, to test."""
    arrays = {}
    for name, n in {"train": 80, "test": 300}.items():
        along = rng.normal(scale=1.5, size=2 * n)
        y = np.repeat([0, 1], n)
        across = rng.normal(scale=0.6, size=2 * n) + np.where(y == 1, 1.0, -1.0)
        X = np.column_stack([0.8 * along + 0.6 * across + 1.5, -0.6 * along + 0.8 * across])
        order = rng.permutation(2 * n)
        arrays |= {f"X_{name}": X[order].round(DECIMALS), f"y_{name}": y[order]}
    return arrays


def groups(rng):
    """Five round groups of 10 to 80 points."""
    centres = np.array([[0.0, 0.0], [4.0, 0.5], [3.0, 4.0], [-2.0, 3.5], [0.5, -3.5]])
    sizes = [80, 10, 50, 30, 40]
    X = np.concatenate([rng.normal(c, 0.4, size=(n, 2)) for c, n in zip(centres, sizes, strict=True)])
    return {"X": rng.permutation(X).round(DECIMALS)}


def make():
    """All data sets by name, each from a generator of its own."""
    makers = {"bands": bands, "groups": groups}
    return {name: maker(np.random.default_rng([SEED, i])) for i, (name, maker) in enumerate(makers.items())}


if __name__ == "__main__":
    for name, arrays in make().items():
        np.savez_compressed(DATA / f"{name}.npz", **arrays)
