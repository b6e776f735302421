"""The second homework is as sound as the first, and the engine serves it alike."""

import csv
import doctest
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment.load import load
from autograder.assignment.mistakes import read_mistakes
from autograder.authoring.release import release
from autograder.authoring.template import write_template
from autograder.checking.fixtures import module_from, reference_module
from autograder.cli.main import grade_main, main
from autograder.diagnosis import variants
from autograder.pages.write import write_submission
from autograder.pipeline import grade
from autograder.proving.calibrate import Plan, calibrate
from autograder.proving.prove import prove

FOLDER = Path(__file__).parents[2] / "examples" / "classification_and_clustering"
HOMEWORK = load(FOLDER)
SOURCE = HOMEWORK.reference.read_text("utf-8")
MISTAKES = {mistake.id: mistake for mistake in read_mistakes(HOMEWORK.mistakes)}
EVERYTHING = {check.id for check in HOMEWORK.rubric.checks}
REFERENCE = reference_module(HOMEWORK.reference)


def wrong(name, folder):
    """A submission with a known mistake."""
    folder.mkdir(parents=True)
    source = variants.of(HOMEWORK.reference).source(MISTAKES[name].changes)
    (folder / "learners.py").write_text(source, "utf-8")
    return folder


def score(path):
    report = grade(path, HOMEWORK, entry=None, seed=HOMEWORK.seed, selected=EVERYTHING)
    return report["score"], report


# -- the homework


def test_the_examples_of_the_docstrings_hold():
    assert doctest.testmod(REFERENCE).failed == 0
    assert doctest.testmod(REFERENCE).attempted > 20


def test_the_template_is_up_to_date():
    assert write_template(HOMEWORK, check=True) == []


def test_the_handout_tells_what_is_marked():
    text = " ".join(line.removeprefix("# ") for line in SOURCE.splitlines() if line.startswith("#"))
    for number in (1, 2, 3):
        points = sum(c.points for c in HOMEWORK.rubric.checks if c.part == f"part{number}")
        assert re.search(rf"## Part {number}: [^(]*\({points:g} points\)", text)
        assert re.search(rf"Part {number} (is worth )?{points:g}\b", text)
    assert sum(c.points for c in HOMEWORK.rubric.checks) == 100
    training = HOMEWORK.rubric.training
    assert f"test accuracy of {100 * training['bands']['told']:g} %" in text
    assert f"inertia below {training['groups']['told']:g}" in text


def test_the_data_are_what_their_file_makes():
    made = module_from(FOLDER / "reference" / "make_data.py").make()
    for name, arrays in made.items():
        with np.load(HOMEWORK.data / f"{name}.npz") as stored:
            assert sorted(stored.files) == sorted(arrays)
            for key, array in arrays.items():
                np.testing.assert_allclose(stored[key], array, atol=2e-6)
    assert json.loads((HOMEWORK.data / "public.json").read_text())["bands"] == ["X_train", "y_train"]


def test_the_learners_agree_with_scikit_learn():
    linear_model = pytest.importorskip("sklearn.linear_model")
    cluster = pytest.importorskip("sklearn.cluster")
    rng = np.random.default_rng(3)
    X, noise = rng.normal(size=(60, 3)), rng.normal(size=60)
    y = (X @ [1.0, -2.0, 0.5] + 0.3 + noise > 0).astype(int)
    l2 = 0.05
    # Its objective is C times the sum of the losses plus half of the sum of squares.
    theirs = linear_model.LogisticRegression(C=1 / (2 * l2 * len(y)), tol=1e-10, max_iter=1000).fit(X, y)
    w, b, _ = REFERENCE.fit_logistic(X, y, lr=1.0, steps=2000, l2=l2)
    np.testing.assert_allclose(w, theirs.coef_[0], atol=1e-5)
    np.testing.assert_allclose(b, theirs.intercept_[0], atol=1e-5)
    ours, first = REFERENCE.KMeans(4), X[:4].copy()
    history = ours.fit(X, first)
    other = cluster.KMeans(4, init=first, n_init=1, tol=0, algorithm="lloyd").fit(X)
    np.testing.assert_allclose(ours.centres, other.cluster_centers_, atol=1e-12)
    assert history[-1] == pytest.approx(other.inertia_)
    assert np.all(np.diff(history) <= 1e-12), "no round makes the inertia larger"


# -- its checks


def test_the_reference_earns_everything_and_the_template_nothing():
    assert score(FOLDER / "reference")[0] == 100
    for entry in ("learners.py", "learners.ipynb"):
        assert score(FOLDER / "template" / entry)[0] == 0


# One of each function; all of them, and the correct styles, are in `.ci/run`.
TRIED = [
    "sigmoid__sign",
    "log_loss__base_two",
    "log_loss_gradient__squared_error",
    "descend__one_after_the_other",
    "fit_logistic__one_step",
    "predict_label__half_is_zero",
    "assign__city_block",
    "update_centres__median",
    "inertia__nearest",
    "spread_centres__distances",
    "KMeans__update_not_kept",
]


def test_known_mistakes_lose_their_own_points_and_are_named():
    proof = prove(FOLDER, only=TRIED)
    assert proof.problems == []
    assert [variant.id for variant in proof.variants if not variant.is_named] == []
    assert {v.id for v in proof.variants} == set(TRIED)


def test_every_function_has_mistakes_with_all_hints():
    assert len(MISTAKES) >= 30
    assert {name for m in MISTAKES.values() for name in m.components} == {
        c.partition(".")[0] for c in EVERYTHING
    }
    for mistake in MISTAKES.values():
        assert mistake.nudge.endswith("?"), mistake.id
        assert all((mistake.summary, mistake.pointer, mistake.explanation)), mistake.id


@pytest.mark.parametrize("style", sorted(p.name for p in HOMEWORK.correct.iterdir()))
def test_correct_styles_keep_everything(style):
    assert score(HOMEWORK.correct / style)[0] == 100


def test_what_builds_on_a_broken_piece_is_judged_with_the_reference_in_its_place(tmp_path):
    _, report = score(wrong("spread_centres__farthest", tmp_path / "ada"))
    lost = {c["id"] for c in report["checks"] if c["score"] < c["max_score"]}
    assert lost == {"spread_centres.distribution"}, "KMeans.start asks for equal draws of equal generators"
    _, report = score(wrong("assign__transposed", tmp_path / "bob"))
    marked = {c["id"]: c["follow_through"] for c in report["checks"]}
    assert marked["KMeans.fit"]["replaced"] == ["assign"]
    assert marked["KMeans.fit"]["counted"] == "with_reference"
    assert sum(c["score"] for c in report["checks"] if c["id"].startswith("KMeans")) == 17


def test_tolerances_and_thresholds_are_calibrated():
    plan = Plan(seeds=3, training_seeds=8, checks=("log_loss_gradient.weights", "KMeans.groups"))
    found = calibrate(HOMEWORK, plan)
    assert not [problem for gap in found.gaps for problem in gap.problems()]
    [chance] = found.chances
    assert [start.missed for start in chance.starts] == [[], []]
    assert [weak.name for weak in chance.weak] == ["KMeans__update_not_kept"], (
        "it has no learning rate and no labels"
    )


# -- what the engine makes of it


def test_pages_show_what_was_learned(tmp_path):
    path = wrong("KMeans__update_not_kept", tmp_path / "ada")
    _, report = score(path)
    write_submission(report, tmp_path, path, None, HOMEWORK)
    page = (tmp_path / "feedback.html").read_text("utf-8")
    assert "Decision map, bands" in page
    assert "Your centres are the first ones, whatever the points are." in page
    assert "from learners import KMeans" in page, "a snippet to try"


def test_a_class_and_its_copies(tmp_path, capsys):
    place = tmp_path / "class"
    for student in ("ada", "bob"):
        shutil.copytree(HOMEWORK.correct / "loops", place / student)
    wrong("inertia__mean", place / "cy")
    out = tmp_path / "out"
    assert grade_main(["--assignment", str(FOLDER), str(place), "--output", str(out), "--jobs", "2"]) == 0
    with (out / "gradebook.csv").open(encoding="utf-8") as file:
        rows = {row["student"]: float(row["final_score"]) for row in csv.DictReader(file)}
    assert rows == {"ada": 100, "bob": 100, "cy": 96}
    assert "cy" in (out / "class.html").read_text("utf-8")
    capsys.readouterr()
    assert grade_main(["diff", str(out), str(out)]) == 0
    assert grade_main(["similar", "--assignment", str(FOLDER), str(place)]) == 0
    assert re.search(r"ada.*bob", capsys.readouterr().out)


def test_students_check_their_own_work(tmp_path):
    left = release(HOMEWORK, tmp_path / "handout")
    assert left == ["fit_logistic.bands", "KMeans.groups"]
    shutil.copy(HOMEWORK.correct / "loops" / "learners.py", tmp_path / "handout")
    done = subprocess.run(
        [sys.executable, "check.py"], cwd=tmp_path / "handout", capture_output=True, text=True, timeout=60
    )
    assert "82 of 82 points" in done.stdout, done.stdout + done.stderr


def test_the_solved_notebook_draws(tmp_path):
    assert main(["--assignment", str(FOLDER), "notebook", str(tmp_path / "solved.ipynb")]) == 0
    text = (tmp_path / "solved.ipynb").read_text("utf-8")
    assert "from learners import" not in text, "the cells have defined it"
    assert "draw(groups)" in text
    shutil.copytree(FOLDER / "template" / "data", tmp_path / "data")
    for source in (HOMEWORK.reference, FOLDER / "template" / "plots.py"):
        shutil.copy(source, tmp_path)
    done = subprocess.run(
        [sys.executable, "plots.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "wrote figures/bands.png\nwrote figures/groups.png\n", done.stderr


def test_its_own_modules_are_not_those_of_the_project():
    assert importlib.util.find_spec("learners") is None
