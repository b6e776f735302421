"""What the reference stands in for when a composite is judged again."""

import pytest

from autograder.model.rubric import FollowThrough

RULE = FollowThrough(
    builds_on={
        "network": ("layer", "loss"),
        "train": ("network", "batches", "descent"),
        "task": ("network", "train", "descent"),
        "experiment": ("network", "train"),
    },
    own={"task": ("train", "network")},
)
PARTS = {"network", "layer", "loss"}
BELOW_TRAIN = PARTS | {"batches", "descent"}
EVERYTHING = BELOW_TRAIN | {"train"}


@pytest.mark.parametrize(
    ("name", "broken", "expected"),
    [
        ("network", {"layer"}, [{"layer"}]),
        ("network", set(), []),
        # The student's own experiment with parts of the reference's; if it asks more of them, with the piece alone.
        ("experiment", {"layer"}, [EVERYTHING, {"layer"}]),
        ("experiment", {"train"}, [EVERYTHING]),
        ("train", {"loss"}, [BELOW_TRAIN, {"loss"}]),
        # A task is judged by the student's train, or else by the student's network.
        ("task", {"layer"}, [{"network"}, {"layer"}]),
        ("task", {"descent"}, [{"descent"}]),
        ("task", {"network", "layer"}, [{"network", "layer"}, {"layer"}]),
        ("task", {"train", "layer"}, [{"train", "layer"}, {"layer"}]),
        ("task", {"train", "network"}, []),
        # The student's own parts, wrong as they are, must not pay for a piece below them as well.
        ("task", {"train", "network", "layer"}, [{"layer"}]),
        ("train", {"network", "layer"}, [BELOW_TRAIN, {"layer"}]),
    ],
)
def test_replacements(name, broken, expected):
    assert RULE.replacements(name, broken) == expected
