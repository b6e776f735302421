"""One renderer for all tests: its templates are compiled once."""

import pytest

from autograder.pages.instructor import instructor_view
from autograder.pages.render import Renderer
from autograder.pages.student import student_view
from tests.autograder.pages import made_reports


@pytest.fixture(scope="session")
def renderer():
    """Makes pages."""
    return Renderer()


@pytest.fixture
def student_page(renderer):
    """``student_page(report)``: the text of a student's page."""
    return lambda report, **more: renderer.student(
        student_view(report, made_reports.REFERENCE, **more)
    ).text()


@pytest.fixture
def instructor_page(renderer):
    """``instructor_page(report)``: the text of an instructor's page."""

    def page(report, submission=None, **more):
        source = submission or made_reports.submission()
        return renderer.instructor(instructor_view(report, made_reports.REFERENCE, source, **more)).text()

    return page
