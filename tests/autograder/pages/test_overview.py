"""The overview of a class adds up, and leads to everybody's pages."""

import pytest

from autograder.course.gradebook import make
from autograder.pages.overview import class_view
from tests.autograder.course import class_run
from tests.autograder.course.class_run import Person, assignment, not_graded, report

WRONG = {"double": 0.0, "add.values": "not_implemented"}


def view(folder, people, of=None):
    of = of or assignment()
    class_run.write(folder, people, of=of)
    return class_view(make(folder, of))


@pytest.fixture
def four(tmp_path):
    """A right one, a wrong one, one without a score, an absent one."""
    return view(
        tmp_path,
        [
            Person("ada", [report()], name="Ada <L>"),
            Person("bob", [report(found=WRONG, mistakes={"double": "double__halved"})]),
            Person("cy", [not_graded("cy")]),
            Person("dee", []),
        ],
    )


def test_scores_rows_and_who_needs_a_person(four):
    assert (four.scores, four.max_score, four.median) == ((3.5, 0.5), 3.5, 2.0)
    assert [(r.id, r.shown, r.score, r.status) for r in four.rows] == [
        ("ada", "Ada <L>", 3.5, "graded"),
        ("bob", "bob", 0.5, "graded"),
        ("cy", "cy", None, "invalid_submission"),
        ("dee", "dee", None, "absent"),
    ]
    assert ([r.id for r in four.without_score], [r.id for r in four.absent]) == (["cy"], ["dee"])
    assert four.rows[0].folder == "students/ada/attempt-1" and four.rows[3].folder == ""
    assert four.rows[1].parts == (0.0, 0.5) and four.rows[2].parts == (None, None)


def test_the_heat_map_has_the_best_on_top(four):
    assert four.columns == ("double", "add.values", "add.hidden")
    assert four.cells.tolist() == [[0, 0, 0], [2, 3, 0]]
    assert four.by_part() == [("One", 1), ("Two", 2)]


def test_what_is_set_by_hand_counts_in_all_tables(tmp_path):
    class_run.write(tmp_path, [Person("ada", [report(found=WRONG, mistakes={"double": "double__halved"})])])
    (tmp_path / "overrides.toml").write_text(
        "[[overrides]]\nstudent = 'ada'\ncheck = 'double'\npoints = 2\ncomment = 'c'\nwho = 'w'\nwhen = 2026-11-21\n"
    )
    found = class_view(make(tmp_path, assignment()))
    assert (found.checks[0].counts, found.checks[0].mean, found.mistakes) == ({0: 1}, 1.0, ())
    assert found.rows[0].parts == (2.0, 0.5) and found.cells.tolist() == [[0, 3, 0]]


def test_checks_are_counted(four):
    first = four.checks[0]
    assert (first.id, first.right, first.counts, first.graded, first.mean) == (
        "double",
        1,
        {0: 1, 2: 1},
        2,
        0.5,
    )


def test_mistakes_have_the_students_who_made_them(four):
    (mistake,) = four.mistakes
    assert (mistake.name, mistake.checks, mistake.lost) == ("double__halved", ("double",), 2.0)
    assert [row.id for row in mistake.rows] == ["bob"]


def test_relations_are_told_apart_by_function(tmp_path):
    wrong = {"double": 0.0, "add.values": 0.0, "add.hidden": 0.0}
    mistakes = dict.fromkeys(wrong, "numbers.sign")
    found = view(
        tmp_path, [Person(f"s{i}", [report(found=wrong, mistakes=mistakes)]) for i in range(3)]
    ).mistakes
    assert [(m.name, len(m.rows), len(m.checks)) for m in found] == [
        ("numbers.sign (double)", 3, 1),
        ("numbers.sign (add)", 3, 2),
    ]


def test_an_empty_class_has_a_page(tmp_path, renderer):
    page = renderer.overview(view(tmp_path, [Person("dee", [])])).text()
    assert "handed in nothing" in page and "<svg" not in page


def test_the_page_leads_to_everybody_and_escapes_names(renderer, four):
    page = renderer.overview(four).text()
    assert 'href="students/ada/attempt-1/feedback.html"' in page
    assert "Ada &lt;L&gt;" in page and "<L>" not in page
    assert "double__halved" in page and "invalid submission" in page


def test_addresses_are_quoted(tmp_path, renderer):
    page = renderer.overview(view(tmp_path, [Person("a b#1é%", [report()])])).text()
    assert 'href="students/a%20b%231%C3%A9%25/attempt-1/feedback.html"' in page
