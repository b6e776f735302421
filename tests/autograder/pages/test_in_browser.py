"""The pages in Chromium: nothing is executed, nothing is loaded, nothing is complained of, and everybody can read them.

They need Chromium (``.ci/install-chromium``) and are skipped where there is none.
"""

import shutil
from importlib import resources

import pytest

from autograder.course.gradebook import make
from autograder.pages.overview import class_view
from tests.autograder.course import class_run
from tests.autograder.course.class_run import Person, not_graded
from tests.autograder.pages.made_reports import assignment, report, submission, without_score
from tests.autograder.pages.test_render import HOSTILE

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium; .ci/install-chromium installs it")
FLAGS = [
    "--no-sandbox",  # as root it does not start with its own, and it opens nothing but our own files
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TRAP = " ".join(
    [*HOSTILE, "<style>*{display:none}</style><iframe srcdoc='x'></iframe><a href='javascript:trap()'>x</a>"]
)
NOTICES = (
    "() => ({trapped: window.trapped === true, dialogs: document.querySelectorAll('dialog,iframe').length})"
)
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def axe():
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


@pytest.fixture
def opened(chromium, tmp_path):
    """Opens a page's text from a file; what it said and asked for is noted beside it."""
    contexts = []

    def open_page(text, **options):
        (tmp_path / "page.html").write_text(text, "utf-8")
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.noted = []
        page.on("console", lambda message: page.noted.append(message.text))
        page.on("pageerror", lambda error: page.noted.append(str(error)))
        page.on("dialog", lambda dialog: (page.noted.append("dialog"), dialog.dismiss()))
        page.on("request", lambda request: page.noted.append(request.url) if request.url != address else None)
        address = (tmp_path / "page.html").as_uri()
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(params=["student", "instructor", "class", "without score"])
def page_of(request, student_page, instructor_page, renderer, tmp_path):
    """The text of each kind of page, with a text in all that can be read."""

    def text(said):
        if request.param == "student":
            return student_page(report(said, of=assignment(said, said)), name=said)
        if request.param == "instructor":
            return instructor_page(
                report(said), submission(said, code=said), name=said, class_page="class.html"
            )
        if request.param == "without score":
            return student_page(without_score(), name=said)
        of = class_run.assignment(title=said)
        made = [class_run.report(found={"double": 0.0}, of=of, mistakes={"double": said}) for _ in range(15)]
        people = [Person(f"s{i}", [r], name=f"{said} {i}") for i, r in enumerate(made)]
        people += [Person("zoe", [not_graded("zoe", of=of)]), Person("zac", [], name=said)]
        class_run.write(tmp_path / "run", people, of=of)
        return renderer.overview(class_view(make(tmp_path / "run", of))).text()

    return text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(opened, page_of, axe, scheme):
    page = opened(page_of("It is wrong."), color_scheme=scheme)
    page.evaluate(axe)
    page.evaluate("() => document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    found = page.evaluate("(tags) => axe.run({runOnly: tags})", TAGS)
    assert [(v["id"], v["help"], v["nodes"][0]["html"][:200]) for v in found["violations"]] == []
    assert len(found["passes"]) > 10
    assert page.noted == []


def test_nothing_hostile_is_executed_or_loaded(opened, page_of):
    page = opened(page_of(TRAP))
    page.evaluate("() => { window.alert = window.trap = () => { window.trapped = true; }; }")
    for link in page.query_selector_all("a[href^='#']")[:5]:
        link.click()
    page.mouse.move(300, 300)
    assert page.evaluate(NOTICES) == {"trapped": False, "dialogs": 0}
    assert page.noted == []
    assert "alert(1)" in page.inner_text("body")
    assert page.evaluate("() => [...document.images].length") == 0


def test_what_slips_through_is_stopped_by_the_policy(opened, student_page):
    slipped = "<script>window.trapped = true</script><img src='https://example.org/x' onerror='window.trapped = true'>"
    page = opened(student_page(report()).replace("</main>", slipped + "</main>"))
    assert not page.evaluate("() => window.trapped")
    assert any("Content Security Policy" in text for text in page.noted)


def test_the_style_sheet_is_applied_in_both_schemes_and_on_paper(opened, student_page):
    text = student_page(report())
    ground = "() => getComputedStyle(document.documentElement).backgroundColor"
    light, dark = (opened(text, color_scheme=scheme).evaluate(ground) for scheme in ("light", "dark"))
    assert light != dark != "rgba(0, 0, 0, 0)"
    page = opened(text)
    page.emulate_media(media="print")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert not page.query_selector("nav").is_visible()
    ink = "() => getComputedStyle(document.querySelector('.s-yours')).stroke"
    assert page.evaluate(ink) not in ("none", "rgb(0, 0, 0)")


@pytest.mark.parametrize("width", [320, 1280])
def test_it_fits_its_window(opened, page_of, width):
    page = opened(page_of("It is wrong."), viewport={"width": width, "height": 800})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


@pytest.fixture
def class_text(renderer, tmp_path):
    shares = {"ada": 0.0, "bob": 1.0, "cy": 0.5}
    people = [Person(name, [class_run.report(found={"double": share})]) for name, share in shares.items()]
    class_run.write(tmp_path / "run", [*people, Person("dee", [])])
    return renderer.overview(class_view(make(tmp_path / "run", class_run.assignment()))).text()


def names(page):
    return [
        row.split()[0] for row in page.locator("table.sortable").first.locator("tbody tr").all_inner_texts()
    ]


def test_the_table_is_sorted_by_the_heading_that_is_pressed(opened, class_text):
    page = opened(class_text)
    heading = page.locator("table.sortable").first.get_by_role("columnheader", name="Score")
    heading.get_by_role("button").click()
    assert names(page) == ["bob", "cy", "ada", "dee"] and heading.get_attribute("aria-sort") == "descending"
    heading.get_by_role("button").click()
    assert names(page) == ["ada", "cy", "bob", "dee"] and heading.get_attribute("aria-sort") == "ascending"
    page.get_by_role("button", name="Student", exact=True).click()
    assert names(page) == ["ada", "bob", "cy", "dee"]
    assert page.noted == []


def test_the_class_page_works_without_scripts(opened, class_text):
    page = opened(class_text, java_script_enabled=False)
    assert names(page) == ["ada", "bob", "cy", "dee"]
    assert page.locator("th button").count() == 0
