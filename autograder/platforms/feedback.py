"""What a student reads of a submission and of its checks, as plain text or as HTML, for systems that show either.

What is hidden from a student is not in the views that this is made from.  HTML is escaped by the templates; the
systems that take it allow neither styles nor scripts.
"""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from autograder.pages.checks import CheckView
from autograder.pages.student import Failure, ReportView
from autograder.pages.texts import MAX_CODE, counted, listed, shown

NOTHING_WRITTEN = "Nothing has been written yet: no function differs from the template."
SELECTION = "Only some of the checks were run; the score is out of those."
UNFINISHED = (
    "The grading has not ended by itself, so your work has no score yet. If this does not change within some minutes, "
    "tell your course staff; they find the reason in the output of the grader."
)
"""What stands in the results until there is something better."""


def check_text(check: CheckView) -> str:
    """What there is to say of one check, as plain text; empty if there is nothing."""
    lines = []
    if check.has_lost:
        lines.append(check.message)
        lines += ["The inputs of this check are not shown."] if check.is_hidden else []
        for row in check.compared:
            verdict = "right: " if row.is_right else ""
            place = f" at {row.place}" if row.place else ""
            lines.append(f"  {verdict}{row.what}{place}: expected {row.expected}, got {row.got}")
        lines += [f"Hint: {check.hint}"] if check.hint else []
        lines += ["An example to run:", "", check.snippet.code.rstrip(), ""] if check.snippet else []
    lines += [f"{call} changed an array that it was given." for call in check.modified]
    lines += [replaced(check)] if replaced(check) else []
    return "\n".join(shown(line, MAX_CODE) for line in lines)


def check_html(check: CheckView) -> str:
    """The same as HTML: paragraphs, a table, and the example as preformatted text."""
    return str(_template("check.html").render(check=check, replaced=replaced(check)))


def head_html(view: ReportView, *more: str) -> str:
    """What there is to say of the whole submission, as HTML; the score is not among it.

    Parameters
    ----------
    view : ReportView
    *more : str
        Sentences of the system's own; empty ones are left out.
    """
    told = [text for text in (*_told(view), *more) if text]
    return str(_template("head.html").render(view=view, told=told, counted=counted))


def head_text(view: ReportView) -> str:
    """The same as plain text."""
    lines = [shown(text) for text in _told(view) if text]
    lines += [failure_text(failure) for failure in view.failures]
    lines += [f"And {view.more_failures} more."] if view.more_failures else []
    return "\n".join(lines)


def _told(view: ReportView) -> tuple[str, ...]:
    template, selection = NOTHING_WRITTEN * view.is_template, SELECTION * view.is_selection
    return view.no_score, view.message, template, selection, *view.notes


def failure_text(failure: Failure) -> str:
    """A statement or cell that failed, in one line."""
    return shown(" ".join(f"{failure.place}: {failure.type}: {failure.message}".split()))


def replaced(check: CheckView) -> str:
    """That pieces of the reference's stood in for the student's, where that has counted."""
    note = check.follow_through
    if not note or not note.has_counted:
        return ""
    own = f" {note.own_message}" if note.own_message else ""
    return (
        f"Counted with the reference in place of your {listed(list(note.replaced))}. "
        f"In your own chain: {note.own.word}.{own}"
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("autograder.platforms", "files"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: (
            value if isinstance(value, Markup) or not isinstance(value, str) else shown(value, MAX_CODE)
        ),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _template(name: str) -> Template:
    return _environment().get_template(name)
