"""Make the reference's ``framework.npz``: ``KERAS_BACKEND=jax python reference/make_framework.py``.

The two models are the solution of part 4. The file is stored, with its SHA-256 in ``framework.sha256``, since
grading the reference must need no framework; the weights are seeded, yet other machines may round otherwise.
"""

import hashlib
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
FILE = FOLDER / "framework.npz"


def models():
    """The network of part 4 in Keras, twice."""
    import keras

    keras.utils.set_random_seed(4)
    sequential = keras.Sequential(
        [
            keras.Input((2,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    inputs = keras.Input((2,))
    hidden = keras.layers.Dense(16, activation="relu")(inputs)
    hidden = keras.layers.Dense(8, activation="relu")(hidden)
    outputs = keras.layers.Dense(3, activation="softmax")(hidden)
    return sequential, keras.Model(inputs, outputs)


def main():
    """Write the file and its fingerprint."""
    sys.path.insert(0, str(FOLDER))
    from framework import save_keras

    save_keras(FILE, "reference", *models())
    digest = hashlib.sha256(FILE.read_bytes()).hexdigest()
    FILE.with_suffix(".sha256").write_text(f"{digest}  {FILE.name}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
