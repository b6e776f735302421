"""The summary of a job and its annotations, as GitHub takes them."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from autograder.assignment.rubric import read_rubric
from autograder.errors import GraderFault
from autograder.model.counterexample import Counterexample
from autograder.model.result import CheckResult
from autograder.pages.texts import shown
from autograder.platforms.github import annotation_commands, summary
from autograder.platforms.places import source_file
from tests.autograder.pages import made_reports
from tests.autograder.platforms.nasty import NASTY

PASSED = made_reports.PASSED
MISSING = CheckResult("not_implemented", "no_file", "work.npz was not handed in.", 0.0)
NAMES = ["double", "add", "task"]
UNESCAPED = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")]


@dataclass
class Command:
    """A workflow command, as a runner understands it."""

    name: str
    properties: dict[str, str]
    data: str


def understood(line):
    """GitHub's documentation, "Workflow commands": ``::name key=value,key=value::data``."""
    found = re.fullmatch(r"::(?P<name>[a-z-]+)(?: (?P<properties>.*?))?::(?P<data>.*)", line)
    assert found, line
    properties = dict(item.split("=", 1) for item in (found["properties"] or "").split(",") if item)
    return Command(found["name"], {k: unescaped(v) for k, v in properties.items()}, unescaped(found["data"]))


def unescaped(text):
    for written, meant in UNESCAPED:
        text = text.replace(written, meant)
    return text


def commands(report, source=None):
    return [understood(line) for line in annotation_commands(report, source)]


def module():
    return source_file(made_reports.submission(), NAMES, "src/hw.py")


def read(text):
    """A text as a report, which is UTF-8, shows it."""
    return shown(text.encode("utf-8", "replace").decode("utf-8"))


def many(count):
    """An assignment of so many functions."""
    lines = [{"id": f"f{i}", "title": "what it does", "points": 1} for i in range(count)]
    of = made_reports.assignment()
    rubric = read_rubric({"parts": [{"id": "p", "title": "P", "checks": lines}]}, "rubric.toml")
    return type(of)(**{**vars(of), "rubric": rubric})


def test_a_function_is_marked_where_it_raised_or_else_where_it_begins():
    raised = {"exception": {"type": "IndexError", "message": "x", "line": 10, "code": "return x + y[0]"}}
    report = made_reports.report(
        double=CheckResult("failed", "why", "It is wrong.", 0.0),
        add=CheckResult("error", "why", "It raised.", 0.0, raised),
        task_open=PASSED,
        task_secret=PASSED,
    )
    report["module"] = {"failed": []}
    assert [
        (c.properties["file"], c.properties["line"], c.properties["title"])
        for c in commands(report, module())
    ] == [
        ("src/hw.py", "4", "double: 0 of 2 points"),
        ("src/hw.py", "10", "add: 0 of 2 points"),
    ]


def test_what_is_partly_right_is_a_warning_and_what_is_not_written_nothing():
    report = made_reports.report(
        double=made_reports.lost("half"),
        add=CheckResult("not_implemented", "not_implemented", "Not written.", 0.0),
        task_open=CheckResult("failed", "why", "Wrong.", 0.0),
        task_secret=PASSED,
    )
    report["module"] = {"failed": []}
    assert [(c.name, c.properties["title"]) for c in commands(report)] == [
        ("error", "task: 0 of 2 points"),
        ("warning", "double: 1 of 2 points"),
    ]


def test_the_checks_of_a_function_are_one_mark_with_hints():
    report = made_reports.report(
        double=PASSED,
        add=PASSED,
        task_open=made_reports.lost("Look here."),
        task_secret=made_reports.lost("SECRET"),
    )
    *_, command = commands(report)
    assert command.data.splitlines() == [
        "what it does: Look here. Hint: Look here.",
        "what it does: Part of what is asked is right.",
    ]
    assert command.properties == {"title": "task: 2 of 4 points"}


def test_statements_that_failed_come_first():
    first = commands(made_reports.report("boom"), module())[0]
    assert (first.name, first.properties["line"], first.data) == ("error", "3", "boom: boom")


def test_a_cell_that_failed_is_marked_without_a_line():
    source = source_file(made_reports.submission(notebook=True), NAMES, "hw.ipynb")
    first = commands(made_reports.report("boom", notebook=True), source)[0]
    assert first.properties == {"file": "hw.ipynb", "title": "Cell 2 failed"}


def test_no_more_than_github_shows_and_the_dearest_first():
    of = many(30)
    found = {f"f{i}": CheckResult("failed", "why", "x", 0.0) for i in range(15)}
    found |= {f"f{i}": made_reports.lost("x", 0.01 * i) for i in range(15, 30)}
    kinds = [c.name for c in commands(made_reports.report(of=of, **found))]
    assert kinds == ["error"] * 10 + ["warning"] * 10
    shares = [c.properties["title"] for c in commands(made_reports.report(of=of, **found))[10:]]
    assert shares == [f"f{i}: {0.01 * i:.2f} of 1 points".replace("0 of", " of") for i in range(15, 25)]


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("notebook", [False, True])
def test_text_stays_text_in_commands(text, notebook):
    of = made_reports.assignment(check_title=text)
    report = made_reports.report(text, of=of, notebook=notebook)
    source = source_file(made_reports.submission(notebook=notebook), NAMES, text)
    lines = annotation_commands(report, source)
    assert lines
    for line, command in zip(lines, map(understood, lines), strict=True):
        assert len(re.split("[\r\n]", line)) == 1
        assert command.name in ("error", "warning")
        assert set(command.properties) <= {"file", "line", "title"}
        assert command.properties["file"] == shown(text)
    assert read(text)[:400] in understood(lines[1]).data


def test_without_a_score_there_is_one_mark():
    (command,) = commands(made_reports.without_score(GraderFault("secret")), None)
    assert command.name == "error" and "no score" in command.data and "secret" not in command.data


class Elements(HTMLParser):
    """The elements, attributes and text of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {f"{tag} {name}={value}" for name, value in attributes}

    def handle_data(self, data):
        self.text += data


def rendered(report):
    return Elements(MarkdownIt("commonmark", {"html": True}).enable("table").render(summary(report)))


def words(text):
    return " ".join(text.split())


def test_score_parts_messages_and_hints_are_shown():
    text = words(rendered(made_reports.report("Look here.", double=PASSED)).text)
    assert text.startswith("A small homework: 5 of 8 points")
    for said in (
        "Part 1: One 3 / 4 ✓ ◐",
        "◐ add: what it does (partly right, 1 / 2) Look here.",
        "Look here. at [1]: expected 1.75, got 3.25.",
        "Hint: Look here.",
        "print(1) # Look here.",
        "Not in this score: 1 written question, marked by people.",
        "Isolation: limited; a submission can read a file.",
        "line 3: Look here.: Look here.",
    ):
        assert said in text, said


def test_the_dearest_comes_first():
    report = made_reports.report(add=CheckResult("failed", "why", "All wrong.", 0.0))
    assert re.findall(r"#### \S+ (\S+):", summary(report))[0] == "add"


ALLOWED = {"h2", "h3", "h4", "p", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "strong", "hr"}
ALLOWED |= {"details", "summary", "pre", "code"}


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("notebook", [False, True])
def test_text_stays_text_in_markdown(text, notebook):
    of = made_reports.assignment(text, check_title=text)
    page = rendered(made_reports.report(text, of=of, notebook=notebook))
    assert page.tags <= ALLOWED
    assert page.attributes <= {
        "code class=language-python",
        "th style=text-align:right",
        "td style=text-align:right",
    }
    assert words(read(text))[:300] in words(page.text)


@pytest.mark.parametrize("code", ["```", "~~~\n````\n", "x = '``````'\n</details>", "`"])
def test_an_example_keeps_to_its_block(code):
    sample = Counterexample(code, "f", "1", "2")
    found = CheckResult("failed", "why", "x", 0.0, counterexample=sample)
    page = rendered(made_reports.report(add=found, double=PASSED, task_open=PASSED, task_secret=PASSED))
    assert code.strip() in page.text
    assert page.tags <= ALLOWED


def test_nothing_of_a_hidden_check_is_told():
    report = made_reports.report("open", task_secret=made_reports.lost("SECRET"))
    assert "SECRET" not in summary(report)
    assert "SECRET" not in "\n".join(annotation_commands(report, module()))
    assert "task.secret" in rendered(report).text


@pytest.mark.parametrize("text", ["é" * 3000, "<`&:%" * 1000])
def test_it_is_no_larger_than_github_takes(text):
    report = made_reports.report(text, of=many(300))
    made = summary(report)
    assert len(made.encode()) < 1 << 20
    assert re.search(r"\d+ more checks lost points", made)
    assert "Isolation" in made


def test_without_a_score_the_summary_says_why():
    assert words(rendered(made_reports.without_score()).text) == (
        "A small homework: no score Your work has no score: The folder is empty."
    )
    assert "secret" not in summary(made_reports.without_score(GraderFault("secret")))


def test_an_untouched_template_and_a_selection_are_named():
    report = made_reports.report(double=PASSED)
    report["submission"]["is_template"], report["selection"] = True, ["double"]
    text = rendered(report).text
    assert "Nothing has been written yet" in text
    assert "Only some of the checks were run" in text
    assert "written question" not in text


def test_a_bonus_is_beside_the_points_and_nobody_loses_it():
    of = made_reports.assignment(bonus=True)
    report = made_reports.report(of=of, double=PASSED, add=PASSED, task_open=PASSED, task_secret=MISSING)
    report["module"] = {"failed": []}
    text = words(rendered(report).text)
    assert text.startswith("A small homework: 4 of 4 points and a bonus of 2")
    assert "Part 2: Two (bonus) 2 / 4 ✓ ○" in text
    assert "What to mend" not in text
    assert annotation_commands(report) == []
