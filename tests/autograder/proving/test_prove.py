"""The proof finds what is wrong with an assignment, and nothing where all is right."""

import shutil
from pathlib import Path

import pytest

from autograder.cli.main import main
from autograder.proving.prove import Proof, VariantProof, _problems, prove

ROOT = Path(__file__).parents[3]


@pytest.fixture
def homework(tmp_path):
    """A copy of the homework that can be spoilt."""
    for part in ("assignment.toml", "rubric.toml", "reference", "student_template", "tests/checks"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / part, tmp_path / part)
    (tmp_path / "tests/corpus/correct").mkdir(parents=True)
    return tmp_path


def rewrite(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_known_mistakes_lose_their_own_points_and_no_others():
    names = ("relative_error__absolute", "augment__copies_first", "decision_grid__axes_swapped")
    proof = prove(ROOT, only=names)
    assert proof.problems == []
    found = {variant.id: variant for variant in proof.variants}
    assert found["relative_error__absolute"].lost == {"relative_error": 1.0}
    assert found["relative_error__absolute"].run == 2, "gradient_check builds on it"
    assert all(variant.is_named for variant in found.values())


def test_without_follow_through_a_mistake_loses_points_elsewhere(homework):
    rewrite(homework / "rubric.toml", 'gradient_check = ["numerical_gradient", "relative_error"]', "")
    proof = prove(homework, only=["relative_error__absolute"])
    assert "relative_error__absolute loses gradient_check, which is not its own." in proof.problems


def test_a_mistake_that_no_check_sees_is_found(homework):
    (homework / "reference" / "mistakes" / "harmless.py").write_text(
        '"""Computes the same in another way."""\n\nloses = ["one_hot"]\ntheme = "none"\npointer = "Nothing."\n\n\n'
        "def one_hot(y, num_classes):\n    return np.identity(num_classes)[y]\n"
    )
    assert prove(homework, only=["harmless"]).problems == ["harmless loses nothing."]


def test_a_mistake_that_does_not_fit_the_reference_is_named(homework, capsys):
    rewrite(
        homework / "reference" / "mlp.py",
        "return np.eye(num_classes)[y]",
        "return np.identity(num_classes)[y]",
    )
    assert main(["--assignment", str(homework), "prove", "--only", "one_hot__", "--jobs", "1"]) == 1
    printed = capsys.readouterr().out
    assert "one_hot__transposed: the text of a mistake occurs 0 times in one_hot" in printed


def test_a_mistake_that_does_not_fit_keeps_no_other_from_being_tried(homework):
    (homework / "reference" / "mistakes" / "stale.toml").write_text(
        '[[mistake]]\nid = "one_hot__stale"\nfunction = "one_hot"\nold = "what was there once"\nnew = "pass"\n'
        'loses = ["one_hot"]\ntheme = "none"\npointer = "Nothing."\n'
    )
    proof = prove(homework, only=["one_hot__stale", "one_hot__transposed"])
    assert [variant.is_named for variant in proof.variants] == [True, False]
    [problem] = proof.problems
    assert problem.startswith("one_hot__stale: the text of a mistake occurs 0 times in one_hot")


def variant(name, lost, own, left_out=None):
    return VariantProof(name, lost, own, 3, {"mistake": name, "confidence": "certain"}, left_out or {})


def test_what_makes_a_proof_fail():
    proof = Proof(
        checks=["f", "g", "h"],
        variants=[
            variant("a", {"f": 1.0}, ("f",)),
            variant("b", {"g": 0.5}, ("f",)),
            variant("c", {"f": 1.0}, ("f",), {"mistake": "a", "confidence": "certain"}),
        ],
        styles={"loops": {"score": 99, "lost": {"g": "wrong"}, "message": ""}},
    )
    assert _problems(proof, is_whole=True) == [
        "b loses nothing in its own checks.",
        "b loses g, which is not its own.",
        "c, unknown, is taken for a.",
        "The correct style loops loses g: wrong",
        "No wrong variant loses h.",
    ]


def test_no_such_variant(capsys):
    assert main(["prove", "--only", "nothing_of_this_name", "--jobs", "1"]) == 2
    assert "no wrong variant's id begins with nothing_of_this_name" in capsys.readouterr().err


def test_the_matrix_is_written(tmp_path, capsys):
    import json

    out = tmp_path / "matrix.json"
    assert main(["prove", "--only", "one_hot__transposed", "--jobs", "1", "--json", str(out)]) == 0
    assert "1 of 1 are named (100.0%)." in capsys.readouterr().out
    matrix = json.loads(out.read_text())
    assert matrix["checks"]["one_hot"] == ["one_hot__transposed"]
    assert matrix["problems"] == []


@pytest.mark.parametrize(
    ("loses", "problem"),
    [
        ('loses = ["relu"]', "softmax_wrong is declared to lose relu, and does not."),
        ('loses = ["softmax.nope"]', "softmax_wrong: there is no check 'softmax.nope'."),
        ("loses = []", "softmax_wrong: it does not say which checks it loses."),
    ],
)
def test_what_a_mistake_is_declared_to_lose_is_held_against_what_it_loses(homework, loses, problem):
    (homework / "reference" / "mistakes" / "softmax_wrong.py").write_text(
        f'"""Not normalized."""\n\n{loses}\ntheme = "formula"\npointer = "No row sums to 1."\n\n\n'
        "def softmax(Z):\n    return np.exp(Z)\n"
    )
    assert problem in prove(homework, only=["softmax_wrong"]).problems
