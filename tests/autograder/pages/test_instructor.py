"""An instructor's page has everything, and the code that lost points."""

from autograder.errors import GraderFault
from autograder.pages.instructor import instructor_view
from tests.autograder.pages.made_reports import PASSED, REFERENCE, lost, report, submission, without_score


def test_hidden_checks_diagnoses_and_details_are_on_it(instructor_page):
    made = report(double=PASSED, add=PASSED, task_open=PASSED, task_secret=lost("SECRET"))
    page = instructor_page(made)
    assert page.count("SECRET") > 8 and "mistake SECRET" in page and "&#34;worst_error&#34;: 1.5" in page
    assert "moons" in page and "0.988" in page and "20261121" not in page


def test_code_of_what_lost_points_is_shown_with_the_line_that_raised(instructor_page):
    view = instructor_view(report(add=PASSED), REFERENCE, submission())
    found = {s.passage.name: [c.id for c in s.checks] for s in view.suspects}
    assert found == {"double": ["double"], "add": ["double", "task.open", "task.secret"]}
    page = instructor_page(report())
    assert "<mark>    return x + y[0]</mark>" in page and "It could read a file." in page


def test_without_the_files_there_is_no_code():
    view = instructor_view(report(), REFERENCE, None, class_page="../class.html")
    assert (view.suspects, view.code, view.class_page) == ((), (), "../class.html")


def test_without_a_score_the_message_is_on_it(instructor_page):
    page = instructor_page(without_score(GraderFault("a check fell over.")))
    assert "No score (grader error): a check fell over." in page and "def double" in page


def test_links_lead_back_to_the_class(instructor_page):
    assert 'href="../class.html"' in instructor_page(report(), class_page="../class.html")
    assert "The class" not in instructor_page(report())
