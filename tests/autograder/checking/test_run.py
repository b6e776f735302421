"""Checks run under pytest: a result for each selected check, or the grader's fault, and nothing between."""

import pytest

from autograder.assignment.load import load
from autograder.checking.run import run_checks
from autograder.errors import GraderFault

HEAD = "import pytest\nfrom autograder.checking import LostPoints, assert_close, check, require\n"


@pytest.fixture
def run(homework, open_session, solved):
    """Runs the checks of the small homework: ``run(selected, code=...)``."""

    def checks(*selected, code=solved):
        assignment = load(homework)
        everything = {c.id for c in assignment.rubric.checks}
        return run_checks(assignment, open_session(code), 7, set(selected) or everything).results

    return checks


ALL = ("double", "add.values", "add.hidden")


def test_a_solved_submission_passes_every_check(run):
    results = run()
    assert {i: (r.status, r.fraction) for i, r in results.items()} == dict.fromkeys(ALL, ("passed", 1.0))


def test_an_untouched_template_is_not_implemented(run, template):
    results = run(code=template)
    assert {r.status for r in results.values()} == {"not_implemented"}
    assert results["double"].message == "double is not written yet."


def test_only_the_selected_checks_run(run):
    assert set(run("add.hidden")) == {"add.hidden"}


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ("return x", "failed", "wrong_values"),
        ("return None", "malformed", "wrong_kind"),
        ("return x[0]", "failed", "wrong_shape"),
        ("return x * float('nan')", "failed", "not_finite"),
        ("1 / 0", "error", "exception"),
        ("exit()", "crashed", "sys_exit"),
        ("import os; os._exit(0)", "crashed", "exit"),
        ("return [0] * 10**11", "memory", "memory"),
        ("return object()", "malformed", "wrong_kind"),
        ("return type('A', (), {'__eq__': lambda *a: True})()", "malformed", "wrong_kind"),
    ],
)
def test_a_wrong_function_loses_its_check_and_no_other(run, solved, body, status, reason):
    results = run(code=solved.replace("return 2 * x", body))
    assert (results["double"].status, results["double"].reason) == (status, reason)
    assert results["add.values"].status == results["add.hidden"].status == "passed"


def test_two_runs_find_the_same(run, solved):
    code = solved.replace("2 * x", "x + 1")
    first, second = run(code=code), run(code=code)
    assert [(r.status, r.message, r.details) for r in first.values()] == [
        (r.status, r.message, r.details) for r in second.values()
    ]


def test_arguments_that_were_changed_are_remarked_and_cost_nothing(run, solved):
    result = run("double", code=solved.replace("return 2 * x", "x *= 2\n    return x"))["double"]
    assert (result.status, result.details) == ("passed", {"modified_arguments": ["double"]})


def test_a_share_of_the_points_can_be_earned(run, homework):
    add_check(homework, 'raise LostPoints("half", "Half.", status="partial", fraction=0.5)')
    result = run("extra")["extra"]
    assert (result.status, result.fraction, result.message) == ("partial", 0.5, "Half.")


def add_check(homework, body, head="", mark='@check("extra")', arguments="student"):
    """Add a check with the id ``extra``, and its line in the rubric."""
    rubric = homework / "rubric.toml"
    rubric.write_text(
        rubric.read_text() + '[[parts]]\nid = "x"\ntitle = "X"\n[[parts.checks]]\nid = "extra"\n'
    )
    rubric.write_text(rubric.read_text() + 'title = "extra"\npoints = 1\n')
    source = f"{HEAD}{head}\n{mark}\ndef test_extra({arguments}):\n    {body}\n"
    (homework / "checks/test_extra.py").write_text(source)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("1 / 0", "the check 'extra' itself failed: ZeroDivisionError: division by zero"),
        ("raise AssertionError", "the check 'extra' itself failed: AssertionError"),
        pytest.param("raise ValueError('a\\nb')", "the check 'extra' itself failed: "),
        ("student.double(object())", "the check 'extra' itself failed: ValueError: double: the check sends"),
        ("student.double(10**5000)", "the check 'extra' itself failed: ValueError: double: the check sends"),
        ("raise KeyError('x')", "the check 'extra' itself failed: KeyError: 'x'"),
    ],
)
def test_a_check_that_raises_is_the_graders_fault(run, homework, body, sentence):
    add_check(homework, body)
    with pytest.raises(GraderFault) as caught:
        run()
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        "pytest.fail('broken')",
        "pytest.skip('not today')",
        "pytest.xfail('known')",
        "pytest.importorskip('no_such_package')",
        "with pytest.raises(LostPoints): student.double(1)",
        "raise SystemExit",
    ],
)
def test_a_check_that_pytest_ends_in_another_way_never_passes(run, homework, body):
    add_check(homework, body)
    with pytest.raises(GraderFault, match=r"'?extra'?"):
        run()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"mark": '@check("other")'}, "the check 'other' has no line in the rubric; add one or remove it."),
        ({"mark": ""}, "has no line in the rubric; add one or remove it."),
        (
            {"mark": "# none", "body": "pass\ndel test_extra"},
            "the rubric's check 'extra' has no test in checks/.",
        ),
        ({"head": "import no_such_package"}, "test_extra.py cannot be imported: "),
        ({"head": "def broken(:"}, "test_extra.py cannot be imported: "),
        ({"head": "1 / 0"}, "test_extra.py cannot be imported: "),
        ({"head": "raise SystemExit"}, ""),
        ({"arguments": "student, no_such_fixture"}, "could not be set up: "),
        ({"mark": '@pytest.mark.skip\n@check("extra")'}, "test_extra"),
        pytest.param(
            {"mark": '@check("extra")\n@pytest.mark.parametrize("n", [1, 2])', "arguments": "n"}, "'extra'"
        ),
        pytest.param({"head": 'def two(): pass\ntest_two = check("extra")(two)'}, "'extra'"),
    ],
    ids=lambda v: repr(v)[:50] if isinstance(v, dict) else None,
)
def test_checks_that_do_not_fit_the_rubric_are_the_graders_fault(run, homework, change, sentence):
    add_check(homework, **{"body": "pass", **change})
    with pytest.raises(GraderFault) as caught:
        run()
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_reference_that_cannot_be_imported_is_the_graders_fault(run, homework):
    (homework / "reference/hw.py").write_text("1 / 0")
    with pytest.raises(GraderFault, match="ZeroDivisionError"):
        run()


def test_what_lies_beside_the_checks_does_not_change_them(run, homework):
    (homework / "checks/conftest.py").write_text("raise SystemExit('the graders run does not read this')")
    (homework / "checks/pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (homework / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '--no-such-option'\n")
    assert {r.status for r in run().values()} == {"passed"}


def test_nothing_is_printed(run, homework, capfd):
    add_check(homework, "print('loud'); student.double(1)")
    run(code="print('hello')\ndef double(x): print('loud'); return x\n")
    assert capfd.readouterr() == ("", "")
