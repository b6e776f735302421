"""The stored data sets are what ``reference/make_data.py`` says they are."""

import json
import time
from itertools import combinations

import numpy as np
import pytest

from reference import make_data

NAMES = sorted(make_data.MAKERS)

SHAPES = {
    "regression": {"X_train": (800, 3), "y_train": (800, 1), "X_test": (200, 3), "y_test": (200, 1)},
    "spirals": {
        "X_train": (300, 2),
        "y_train": (300,),
        "X_val": (150, 2),
        "y_val": (150,),
        "X_test": (900, 2),
        "y_test": (900,),
    },
    "digits": {"X_train": (1200, 64), "y_train": (1200,), "X_test": (597, 64), "y_test": (597,)},
    "moons": {"X_train": (60, 2), "y_train": (60,), "X_val": (200, 2), "y_val": (200,)},
}


@pytest.mark.parametrize("name", NAMES)
def test_every_array_matches_its_fingerprint(name):
    found = {key: make_data.fingerprint(array) for key, array in make_data.load(name).items()}
    assert found == make_data.stored_hashes()[name]


def test_no_fingerprint_or_file_is_left_over():
    assert sorted(make_data.stored_hashes()) == NAMES
    assert sorted(path.stem for path in make_data.DATA.glob("*.npz")) == NAMES


def test_a_fingerprint_depends_on_dtype_shape_and_values_but_not_on_layout():
    array = np.arange(6.0).reshape(2, 3)
    same = make_data.fingerprint(array)
    assert make_data.fingerprint(np.asfortranarray(array)) == same
    assert make_data.fingerprint(array.astype(">f8")) == same
    others = [array.astype("float32"), array.reshape(3, 2), array + [[0, 0, 0], [0, 0, 1e-12]]]
    assert same not in {make_data.fingerprint(other) for other in others}


@pytest.mark.parametrize("name", NAMES)
def test_arrays_have_the_promised_shapes_and_types(name):
    arrays = make_data.load(name)
    assert {key: array.shape for key, array in arrays.items()} == SHAPES[name]
    for key, array in arrays.items():
        is_label = key.startswith("y") and name != "regression"
        assert array.dtype == (np.int64 if is_label else np.float64)
        assert np.isfinite(array).all()


@pytest.mark.parametrize(("split", "n_per_class"), [("train", 100), ("val", 50), ("test", 300)])
def test_spirals_are_balanced_in_every_split(split, n_per_class):
    assert np.bincount(make_data.load("spirals")[f"y_{split}"]).tolist() == [n_per_class] * 3


@pytest.mark.parametrize("split", ["train", "test"])
def test_every_digit_makes_up_about_a_tenth_of_each_split(split):
    shares = np.bincount(make_data.load("digits")[f"y_{split}"], minlength=10)
    assert np.all(np.abs(shares / shares.sum() - 0.1) < 0.03)


def test_moons_have_six_wrong_training_labels_and_balanced_validation_labels():
    moons = make_data.load("moons")
    true_labels = np.repeat([0, 1], 30)
    assert np.count_nonzero(moons["y_train"] != true_labels) == 6
    assert np.bincount(moons["y_val"]).tolist() == [100, 100]


@pytest.mark.parametrize("name", ["spirals", "digits", "moons"])
def test_features_need_no_scaling(name):
    low, high = (0.0, 1.0) if name == "digits" else (-2.0, 3.0) if name == "moons" else (-1.0, 1.0)
    for key, array in make_data.load(name).items():
        if key.startswith("X"):
            assert low <= array.min() <= array.max() <= high


@pytest.mark.parametrize("name", NAMES)
def test_no_row_occurs_twice_within_or_across_splits(name):
    splits = {
        key: {row.tobytes() for row in array}
        for key, array in make_data.load(name).items()
        if key.startswith("X")
    }
    for key, rows in splits.items():
        assert len(rows) == SHAPES[name][key][0], f"{key} repeats a row"
    for (one, rows), (other, other_rows) in combinations(splits.items(), 2):
        assert rows.isdisjoint(other_rows), f"{one} and {other} share a row"


def test_hidden_arrays_are_exactly_the_test_sets_of_spirals_and_digits():
    hidden = {
        (name, key) for name in NAMES for key in make_data.load(name) if key not in make_data.PUBLIC[name]
    }
    assert hidden == {(name, key) for name in ("spirals", "digits") for key in ("X_test", "y_test")}
    assert all(key in SHAPES[name] for name in NAMES for key in make_data.PUBLIC[name])


def test_the_template_is_told_of_the_same_public_arrays():
    listed = json.loads((make_data.DATA / "public.json").read_text(encoding="utf-8"))
    assert {name: tuple(keys) for name, keys in listed.items()} == make_data.PUBLIC


def test_making_the_data_anew_gives_the_stored_arrays():
    pytest.importorskip("sklearn.datasets")
    started = time.perf_counter()
    assert [sentence for name in NAMES for sentence in make_data.problems(name)] == []
    assert time.perf_counter() - started < 3.0  # without the import, which is not ours


def test_a_changed_array_is_named(tmp_path, monkeypatch):
    spirals = make_data.load("spirals")
    (tmp_path / "hashes.json").write_bytes((make_data.DATA / "hashes.json").read_bytes())
    spirals["X_val"][0, 0] += 1.0
    np.savez_compressed(tmp_path / "spirals.npz", **spirals)
    monkeypatch.setattr(make_data, "DATA", tmp_path)
    assert make_data.problems("spirals") == [
        "spirals.X_val: does not match hashes.json",
        "spirals.X_val: make_data.py now makes another array",
    ]
