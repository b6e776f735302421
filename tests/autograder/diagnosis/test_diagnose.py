"""The mistake is named from numbers alone, or nothing is said.

The numbered tests hold what went wrong on the way to such a diagnosis elsewhere.
"""

import dataclasses
import functools
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment.load import load
from autograder.assignment.mistakes import read_mistakes
from autograder.checking.fixtures import Fixtures
from autograder.checking.in_process import InProcessSession
from autograder.checking.run import collect
from autograder.diagnosis import variants
from autograder.diagnosis.diagnose import Diagnostician
from autograder.model.diagnosis import CERTAIN, LIKELY, OBSERVATION
from autograder.model.mistake import Change
from autograder.wire.values import RandomGenerator

ASSIGNMENT = load(Path(__file__).parents[3])
SEED = ASSIGNMENT.seed
CHECKS = collect(ASSIGNMENT)
CATALOGUE = read_mistakes(ASSIGNMENT.mistakes)
KNOWN = {mistake.id: mistake for mistake in CATALOGUE}
SOURCE = variants.of(ASSIGNMENT.reference)
FULL = Diagnostician(ASSIGNMENT, CHECKS, SEED, CATALOGUE)


def diagnose(subjects, *changes, without=(), diagnostician=None, **functions):
    """Grade the checks of some functions for the reference with changes, and diagnose what is lost."""
    names = (subjects,) if isinstance(subjects, str) else subjects
    namespace = SOURCE.namespace(changes)
    namespace.update({name: make(namespace[name]) for name, make in functions.items()})
    session = InProcessSession(namespace)
    fixtures = Fixtures(ASSIGNMENT, session, SEED)
    results = {i: fixtures.run(CHECKS[i], i) for i in CHECKS if i.partition(".")[0] in names}
    assert any(found.fraction < 1 for found in results.values()), "nothing is lost, so nothing is to be said"
    knower = diagnostician or FULL
    if without:
        knower = knower.without([m for m in CATALOGUE if m.id not in without])
    return knower.diagnose(results, session)


def changed(name):
    return KNOWN[name].changes


def said(found):
    return {(told.confidence, told.mistake) for told in found.values()}


@pytest.mark.parametrize(
    "name",
    [
        "linear_forward__bias_missing",
        "softmax__global_sum",
        "bce_loss__mean_over_rows",
        "accuracy__count",
        "linear_backward__dW_averaged",
        "numerical_gradient__step_not_doubled",
        "init_weights__he_fan_out",
        "minibatches__last_batch_dropped",
        "Adam.step__eps_inside",
        "batchnorm_backward__eps_missing",
        "MLP._forward__dropout_not_scaled",
        "train__first_batch_only",
        "decision_grid__axes_swapped",
    ],
)
def test_a_known_mistake_is_named_on_every_check_that_it_loses(name):
    found = diagnose(KNOWN[name].components, *changed(name))
    assert said(found) == {(CERTAIN, name)}
    assert {told.hint for told in found.values()} == {KNOWN[name].pointer}


def test_nothing_is_said_of_checks_that_are_passed():
    found = diagnose("linear_backward", *changed("linear_backward__db_averaged"))
    assert list(found) == ["linear_backward.db"]


def test_a_changed_argument_is_named_though_the_numbers_are_right():
    found = diagnose("softmax", *changed("softmax__shifted_in_place"))
    assert said(found) == {(CERTAIN, "softmax__shifted_in_place")}
    without = diagnose(
        "softmax", *changed("softmax__shifted_in_place"), without=("softmax__shifted_in_place",)
    )
    assert without == {}


def test_a_wrong_formula_is_named_where_an_argument_is_changed_as_well():
    def spoiling(wrong):
        def function(Z):
            answer = wrong(Z)
            Z *= 0
            return answer

        return function

    found = diagnose("relu", *changed("relu__derivative"), relu=spoiling)
    assert said(found) == {(CERTAIN, "relu__derivative")}


# 1: the words belong to an output


def test_1_a_mistake_that_changes_more_outputs_does_not_explain_one_of_them():
    found = diagnose(
        "linear_backward", *changed("linear_backward__db_averaged"), without=("linear_backward__db_averaged",)
    )
    assert said(found) == {(OBSERVATION, "numbers.over_rows")}
    assert list(found) == ["linear_backward.db"]


# 2: a single number always has a ratio


def test_2_ratios_that_change_from_case_to_case_are_not_mentioned():
    found = diagnose("mse_loss", mse_loss=lambda right: lambda P, Y: right(P, Y) * (1 + P.shape[0] ** 0.3))
    assert found == {}


def test_2_a_ratio_is_named_only_where_the_named_quantity_changes_with_the_cases():
    found = diagnose(
        "mse_backward", mse_backward=lambda right: lambda P, Y: right(P, Y) * P.size, without=KNOWN
    )
    assert said(found) == {(OBSERVATION, "numbers.times_entries")}


# 3: zeros, constants and NaN agree with anything


@pytest.mark.parametrize("value", [0.0, 1.0, np.nan, np.inf])
@pytest.mark.parametrize("subject", ["linear_backward", "softmax", "dropout_forward", "penalty_grad"])
def test_3_constant_answers_name_no_mistake(subject, value):
    def constant(right):
        def answer(*args):
            result = right(*args)
            parts = result if isinstance(result, tuple) else (result,)
            filled = tuple(np.full_like(part, value) for part in parts)
            return filled if isinstance(result, tuple) else filled[0]

        return answer

    found = diagnose(subject, **{subject: constant})
    assert all(told.confidence == OBSERVATION for told in found.values())
    assert {told.mistake for told in found.values()} <= {"numbers.not_finite"}


# 4: a mistake times a factor explains too much


@pytest.mark.parametrize("factor", [2.0, 0.5, -1.0, 100.0])
@pytest.mark.parametrize("name", ["linear_forward__bias_missing", "softmax__global_sum", "mse_loss__root"])
def test_4_a_mistake_times_a_factor_is_not_named(name, factor):
    subject = KNOWN[name].components[0]
    found = diagnose(subject, *changed(name), **{subject: lambda wrong: lambda *args: factor * wrong(*args)})
    assert not {confidence for confidence, _ in said(found)} & {CERTAIN, LIKELY}


# 5: what training changes, not what it leaves


def tiny_steps(student, rng):
    """Train so slowly that all weights agree to twelve digits, whatever the steps were."""
    model = student.create("MLP", [2, 4, 3], rng=RandomGenerator(1))
    shapes = {"W1": (2, 4), "b1": (4,), "W2": (4, 3), "b2": (3,)}
    model.update("params", {key: rng.normal(size=shape) for key, shape in shapes.items()})
    X, Y = rng.normal(size=(7, 2)), np.eye(3)[rng.integers(0, 3, 7)]
    student.train(model, X, Y, student.create("SGD", 1e-12), 2, 3, RandomGenerator(2))
    model.get("params")


def test_5_weights_that_hardly_move_name_nothing():
    plain, slow = dataclasses.replace(ASSIGNMENT, probes=None), dict.fromkeys(CHECKS, tiny_steps)
    knower = Diagnostician(plain, slow, SEED, CATALOGUE)
    found = diagnose("train", *changed("train__first_batch_only"), diagnostician=knower)
    assert not {confidence for confidence, _ in said(found)} & {CERTAIN, LIKELY}
    assert said(diagnose("train", *changed("train__first_batch_only"))) == {
        (CERTAIN, "train__first_batch_only")
    }


# 6: probes and extremes are cases like the others


def test_6_right_on_ordinary_inputs_only_is_told_from_right():
    found = diagnose("sigmoid", *changed("sigmoid__overflow"))
    assert said(found) == {(CERTAIN, "sigmoid__overflow")}
    found = diagnose("sigmoid", *changed("sigmoid__overflow"), without=KNOWN)
    assert {told.mistake for told in found.values()} <= {"numbers.extremes", "numbers.not_finite"}


# 7: two names, one function


def test_7_mistakes_with_the_same_numbers_are_mentioned_together():
    found = diagnose("Momentum", *changed("Momentum.step__ascent"))
    assert len(said(found)) == 1
    for told in found.values():
        assert {told.mistake, *told.same_numbers} == {"Momentum.step__ascent", "Momentum.step__sign"}


# 8: other definitions


def test_8_another_convention_is_recognised_and_not_called_wrong():
    [told] = set(diagnose("mse_loss", *changed("mse_loss__half")).values())
    assert (told.theme, told.confidence) == ("convention", CERTAIN)
    assert "This homework defines" in KNOWN[told.mistake].explanation


def test_8_a_convention_kept_in_two_functions_is_said_once():
    found = diagnose(("mse_loss", "mse_backward"), *changed("convention__half_squared_error"))
    assert said(found) == {(CERTAIN, "convention__half_squared_error")}
    assert {told.same_numbers for told in found.values()} == {()}


def test_8_a_convention_in_one_function_only_is_that_function_s():
    found = diagnose(("mse_loss", "mse_backward"), *changed("mse_loss__half"))
    assert said(found) == {(CERTAIN, "mse_loss__half")}


# two at once


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Adam.step__eps_inside", "Adam.step__v_not_corrected"),
        ("batchnorm_backward__dgamma_averaged", "batchnorm_backward__unbiased"),
    ],
)
def test_two_mistakes_in_one_function(one, other):
    found = diagnose(KNOWN[one].components, *changed(one), *changed(other))
    names = {frozenset(told.mistake.split(" + ")) for told in found.values() if told.confidence == LIKELY}
    assert frozenset((one, other)) in names


def test_two_mistakes_in_different_outputs():
    line = "return dZ @ W.T, X.T @ dZ, dZ.sum(axis=0)"
    both = Change("linear_backward", line, "return dZ @ W.T, X.T @ dZ / len(X), dZ[0]")
    found = diagnose("linear_backward", both)
    told = {check_id: (diagnosis.confidence, diagnosis.mistake) for check_id, diagnosis in found.items()}
    assert told == {
        "linear_backward.dW": (LIKELY, "linear_backward__dW_averaged"),
        "linear_backward.db": (LIKELY, "linear_backward__db_first_row"),
    }


# 9: a hint belongs to the checks that it explains


def test_9_a_check_lost_for_another_reason_has_no_hint_of_the_mistake_beside_it():
    """Of batch normalization the variance divides by N - 1, and evaluation returns one array instead of three."""

    def alone_in_evaluation(wrong):
        def answer(X, gamma, beta, mean, var, train, momentum=0.9):
            found = wrong(X, gamma, beta, mean, var, train, momentum)
            return found if train else found[0]

        return answer

    change = changed("batchnorm_forward__unbiased")
    found = diagnose("batchnorm_forward", *change, batchnorm_forward=alone_in_evaluation)
    assert set(found) == {"batchnorm_forward.train", "batchnorm_forward.running"}
    assert said(found) == {(CERTAIN, "batchnorm_forward__unbiased")}


def test_9_draws_of_its_own_in_one_branch_are_said_of_that_branch_only():
    change = Change(
        "init_weights",
        None,
        "def init_weights(fan_in, fan_out, method, rng):\n"
        "    if method == 'random':\n"
        "        return 0.01 * np.random.standard_normal((fan_in, fan_out))\n"
        "    return rng.normal(0.0, 0.7, (fan_in, fan_out))\n",
    )
    found = diagnose("init_weights", change)
    assert found["init_weights.random"].mistake == "numbers.not_repeatable"
    assert "numbers.not_repeatable" not in {told.mistake for i, told in found.items() if "random" not in i}


# styles


def single(right):
    return lambda *args: _cast(right(*args))


def _cast(value):
    return tuple(map(_cast, value)) if isinstance(value, tuple) else np.asarray(value, dtype=np.float32)


def test_single_precision_does_not_hide_a_mistake():
    found = diagnose("linear_backward", *changed("linear_backward__all_averaged"), linear_backward=single)
    assert said(found) == {(CERTAIN, "linear_backward__all_averaged")}


def test_lists_for_arrays_and_for_tuples_do_not_hide_a_mistake():
    def listed(wrong):
        return lambda *args: [part.tolist() for part in wrong(*args)]

    found = diagnose("linear_backward", *changed("linear_backward__dW_averaged"), linear_backward=listed)
    assert said(found) == {(CERTAIN, "linear_backward__dW_averaged")}


@pytest.mark.parametrize(
    "odd", [None, "text", [], {}, [[1], [2, 3]], object(), 10**400, (np.nan,), float("inf")]
)
def test_odd_answers_do_no_harm(odd):
    found = diagnose("linear_backward", linear_backward=lambda right: lambda *args: odd)
    assert CERTAIN not in {confidence for confidence, _ in said(found)}


def test_answers_that_differ_from_call_to_call_are_noticed():
    rng = np.random.default_rng(3)
    found = diagnose("relu", relu=lambda right: lambda Z: right(Z) + rng.normal(size=Z.shape))
    assert said(found) == {(OBSERVATION, "numbers.not_repeatable")}


def test_noise_names_nothing():
    rng = np.random.default_rng(5)
    for subject in ("linear_forward", "softmax", "cce_loss", "sigmoid_backward", "penalty"):
        for size in (1e-4, 1e-2, 1.0):
            noise = 1 + size * rng.normal()

            def noisy(right, noise=noise):
                return lambda *args: right(*args) * noise + (noise - 1)

            found = diagnose(subject, **{subject: noisy})
            assert not {c for c, _ in said(found)} & {CERTAIN, LIKELY}


def test_blends_of_right_and_wrong_name_nothing():
    for name in (
        "linear_forward__bias_missing",
        "softmax__global_sum",
        "mse_loss__summed",
        "penalty__l2_half",
    ):
        subject = KNOWN[name].components[0]
        wrong = SOURCE.namespace(changed(name))[subject]

        def blended(right, wrong=wrong):
            return lambda *args: 0.7 * right(*args) + 0.3 * wrong(*args)

        found = diagnose(subject, **{subject: blended})
        assert not {c for c, _ in said(found)} & {CERTAIN, LIKELY}


def test_a_composite_is_diagnosed_with_the_reference_below_it():
    both = (*changed("linear_forward__bias_missing"), *changed("MLP.loss__penalty_missing"))
    found = diagnose(("linear_forward", "MLP"), *both)
    assert found["linear_forward"].mistake == "linear_forward__bias_missing"
    assert found["MLP.loss"].mistake == "MLP.loss__penalty_missing"


def test_the_same_submission_has_the_same_diagnosis():
    runs = [
        Diagnostician(ASSIGNMENT, CHECKS, SEED, CATALOGUE),
        Diagnostician(ASSIGNMENT, CHECKS, SEED, CATALOGUE),
    ]
    first, second = (
        diagnose("Adam", *changed("Adam.step__bracket"), diagnostician=knower) for knower in runs
    )
    assert first == second


@pytest.mark.parametrize("level", ["none", "nudge", "pointer", "explanation"])
def test_the_rubric_chooses_how_much_is_told(level):
    rubric = dataclasses.replace(ASSIGNMENT.rubric, hints=level)
    knower = Diagnostician(dataclasses.replace(ASSIGNMENT, rubric=rubric), CHECKS, SEED, CATALOGUE)
    [told] = set(diagnose("relu", *changed("relu__derivative"), diagnostician=knower).values())
    assert told.hint == ("" if level == "none" else getattr(KNOWN["relu__derivative"], level))


def test_a_file_with_one_function_is_a_mistake(tmp_path):
    (tmp_path / "relu__quarter_square.py").write_text(
        '"""A quarter of the square."""\n\n'
        'loses = ["relu"]\ntheme = "formula"\nnudge = "What becomes of -3?"\n'
        'pointer = "Every number is squared."\nexplanation = "max(Z, 0) has no square."\n\n\n'
        "def relu(Z):\n    return 0.25 * Z * Z\n"
    )
    own = read_mistakes(tmp_path)
    knower = FULL.without([*CATALOGUE, *own])
    found = diagnose(
        "relu", Change("relu", None, "def relu(Z):\n    return Z**2 / 4\n"), diagnostician=knower
    )
    assert said(found) == {(CERTAIN, "relu__quarter_square")}


@functools.cache
def all_texts():
    from autograder.diagnosis import signatures

    texts = {getattr(m, level) for m in CATALOGUE for level in ("nudge", "pointer", "explanation")}
    return texts | {s.pointer for s in signatures._TEXTS.values()}


def test_hints_hold_no_numbers_of_the_submission():
    """They are written beforehand: nothing of an input or an expected value can be in them."""
    for name in ("linear_forward__bias_missing", "Adam.step__bracket", "MLP.loss__penalty_missing"):
        for told in diagnose(KNOWN[name].components, *changed(name)).values():
            assert told.hint in all_texts()


def test_a_test_that_says_yes_and_no_by_another_rule_is_not_taken_for_a_known_one():
    def by_sums(right):
        def answer(f, grad_f, x, tol=1e-6):
            return bool(right(f, grad_f, x, tol) or x.size > 100) if x.size % 2 else True

        return answer

    found = diagnose("gradient_check", gradient_check=by_sums)
    assert not {confidence for confidence, _ in said(found)} & {CERTAIN, LIKELY}


def test_two_mistakes_in_one_formula_are_told_to_the_instructor_only():
    both = (*changed("Adam.step__eps_inside"), *changed("Adam.step__v_not_corrected"))
    for told in diagnose("Adam", *both).values():
        assert told.confidence == LIKELY
        assert (told.hint, "mistakes" in told.summary) == ("", True)


def test_a_function_that_may_draw_for_itself_need_not_repeat_its_numbers():
    """Without rng the docstring of train asks for a fresh generator."""
    change = Change(
        "train",
        "model.loss_and_grads(X[batch], Y[batch])",
        "model.loss_and_grads(X[batch], Y[np.sort(batch)])",
    )
    found = diagnose("train", change)
    assert "numbers.not_repeatable" not in {told.mistake for told in found.values()}
