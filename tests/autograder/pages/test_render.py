"""Pages are whole, light, self-contained and the same each time, whatever is put into them."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from autograder.pages.render import Renderer, policy
from autograder.pages.student import student_view
from tests.autograder.pages.made_reports import REFERENCE, assignment, report, submission

HOSTILE = [
    "<script>alert(1)</script>",
    "</code></pre><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "</title></style></svg><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% include 'style.css' %}",
    "<!-- --><base href=//example.org>",
    "]]>&lt;script&gt;&#60;script&#62;",
    "a\x00\x1b[31m\u202eb\ud800",
]
VOID = {"meta", "link", "img", "br"}


class Page(HTMLParser):
    """Notes what a page is made of, and fails on a tag that is not closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open, self.ids = set(), [], [], []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, *attr) for attr in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open and self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture
def pages(student_page, instructor_page):
    def both(text, **more):
        of = assignment(text, text)
        made = report(text, of=of, **more)
        return [
            student_page(made, name=text),
            instructor_page(made, submission(text, code=text), name=text, class_page="../class.html"),
        ]

    return both


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_stay_texts(pages, text):
    plain, hostile = pages("plain"), pages(text)
    for known, found in zip(plain, hostile, strict=True):
        known, page = Page(known), Page(found)
        assert page.tags == known.tags | ({"h2"} & page.tags)
        assert {(tag, name) for tag, name, _ in page.attributes} <= {(t, n) for t, n, _ in known.attributes}
        assert not [n for _, n, _ in page.attributes if n.startswith("on") or n == "style"]
        shown = "".join(page.texts)
        assert "alert(1)" not in text or "alert(1)" in shown
        assert not [c for c in "\x00\x1b\u202e" if c in found]


@pytest.mark.parametrize("text", ["plain", *HOSTILE[:3]])
def test_nothing_is_loaded_from_anywhere(pages, text):
    for page in pages(text):
        addresses = [
            value
            for _, name, value in Page(page).attributes
            if name in ("href", "src", "xlink:href", "action")
        ]
        assert {a for a in addresses if not a.startswith("#")} <= {"data:,", "../class.html", "feedback.html"}
        assert not re.search(r"@import|url\((?!#)", page)


def test_ids_are_unique_and_links_within_the_page_lead_somewhere(pages):
    for page in map(Page, pages("plain")):
        assert len(page.ids) == len(set(page.ids))
        wanted = {value[1:] for _, name, value in page.attributes if name == "href" and value.startswith("#")}
        assert wanted <= set(page.ids)


def allowed(text, kind):
    (found,) = re.findall(rf"{kind}-src &#39;(sha256-[^&]*)&#39;", text) or re.findall(
        rf"{kind}-src '(sha256-[^']*)'", text
    )
    return found


def digest(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_the_policy_allows_the_one_style_and_nothing_else(pages):
    for page in pages("plain"):
        (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
        assert allowed(page, "style") == digest(style)
        assert "default-src" in page and "script-src" not in page and "<script" not in page
        assert page.index("Content-Security-Policy") < page.index("<title>")


def test_the_script_of_the_class_page_is_the_one_that_is_allowed():
    assert (
        policy("a")
        == f"default-src 'none'; style-src '{digest('a')}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert f"script-src '{digest('b')}'" in policy("a", "b")


def test_the_same_report_gives_the_same_page(pages):
    assert pages("plain") == pages("plain")
    view = student_view(report(), REFERENCE)
    assert Renderer().student(view).text() == Renderer().student(view).text()


def test_the_digest_tells_pages_apart_that_differ(renderer):
    def of(made, **more):
        return renderer.student(student_view(made, REFERENCE, **more)).digest

    assert of(report()) == of(report()) != of(report("other"))
    assert of(report(), name="x") != of(report())
    page = renderer.student(student_view(report(), REFERENCE))
    assert page.digest in page.text()[:2000]


def test_a_page_stays_light_whatever_was_written(pages):
    student, instructor = (len(page.encode()) for page in pages("<&'\"" * 100_000))
    assert student < 500_000 and instructor < 1_500_000


def test_headings_do_not_skip_levels(pages):
    for page in pages("plain"):
        levels = [int(level) for level in re.findall(r"<h(\d)", page)]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(b - a <= 1 for a, b in pairwise(levels))


def test_tables_have_headers_with_scope(pages):
    for page in pages("plain"):
        assert re.findall(r"<th[ >]", page)
        assert not re.search(r"<th(?![^>]*scope)[ >]", page)
