"""A report as GitHub Actions shows it: the summary of a job, and annotations on the lines of the submission.

Both are the student's view, in which nothing hidden is.  What a submission has had a say in is escaped for the place
where it goes: Markdown, or a workflow command.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from autograder.pages.checks import CheckView
from autograder.pages.student import ReportView, student_view
from autograder.pages.texts import MAX_CODE, counted, points, shown
from autograder.platforms.feedback import NOTHING_WRITTEN, SELECTION, failure_text, replaced
from autograder.platforms.places import SourceFile

_MOST_BYTES = 1_000_000
"""Of a summary; GitHub takes 1 MiB of a step."""
_MOST_ANNOTATIONS = 10
"""Of each kind; GitHub shows so many of a step."""
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def summary(report: Mapping[str, Any]) -> str:
    """The score by part and what to mend, the dearest first, as Markdown.

    Parameters
    ----------
    report : mapping
        As `autograder.reporting.build` makes it.

    Returns
    -------
    str
        Less than GitHub takes; what is too much is left out at the end, and named.
    """
    view = student_view(report, {})
    if view.no_score:
        return f"## {_escaped(view.title)}: no score\n\n{_escaped(view.no_score)}\n"
    text = "\n".join(_head(view)) + "\n"
    tail = f"\n---\n{_escaped(_isolation(report))} {_escaped(view.made_by.capitalize())}.\n"
    for number, check in enumerate(view.lost):
        section = f"\n{_section(check)}"
        if len((text + section + tail).encode()) > _MOST_BYTES:
            text += f"\n{counted(len(view.lost) - number, 'more check')} lost points; the report has them.\n"
            break
        text += section
    return text + tail


def _head(view: ReportView) -> Iterator[str]:
    earned = f"{points((view.score or 0) - view.bonus)} of {points(view.max_score)} points"
    bonus = f" and a bonus of {points(view.bonus)}" if view.bonus else ""
    yield f"## {_escaped(view.title)}: {earned}{bonus}\n"
    if view.is_selection:
        yield f"{_escaped(SELECTION)}\n"
    if view.is_template:
        yield f"{_escaped(NOTHING_WRITTEN)}\n"
    for text in (view.message, *view.notes):
        if text:
            yield f"{_escaped(text)}\n"
    yield "| part | points | checks |\n|---|---:|---|"
    for part in view.parts:
        signs = " ".join(check.verdict.sign for check in part.checks)
        title = f"{part.title} (bonus)" if part.is_bonus else part.title
        yield f"| {_escaped(title)} | {points(part.score)} / {points(part.max_score)} | {signs} |"
    yield ""
    if view.failures:
        yield "These failed when the code was run; graded is what the rest defines:\n"
        for failure in view.failures:
            yield f"- {_escaped(failure_text(failure))}"
        yield f"- and {view.more_failures} more\n" if view.more_failures else ""
    if view.manual and not view.is_selection:
        yield f"Not in this score: {counted(len(view.manual), 'written question')}, marked by people.\n"
    if view.lost:
        yield "### What to mend"


def _section(check: CheckView) -> str:
    """One check that lost points."""
    earned = f"{points(check.score)} / {points(check.max_score)}"
    lines = [
        f"#### {check.verdict.sign} {_escaped(check.id)}: {_escaped(check.title)} ({check.verdict.word}, {earned})\n"
    ]
    lines += [f"{_escaped(check.message)}\n"] if check.message else []
    for row in check.compared:
        if not row.is_right and row.got:
            place = f" at {row.place}" if row.place else ""
            said = f"{row.what}{place}: expected {row.expected}, got {row.got}."
            lines.append(f"{_escaped(said)}\n")
    lines += [f"**Hint:** {_escaped(check.hint)}\n"] if check.hint else []
    lines += [f"{_escaped(replaced(check))}\n"] if replaced(check) else []
    if check.snippet:
        code = shown(check.snippet.code, MAX_CODE)
        fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", code))])
        lines.append(
            f"<details><summary>Try it</summary>\n\n{fence}python\n{code.rstrip()}\n{fence}\n\n</details>\n"
        )
    return "\n".join(lines)


def _isolation(report: Mapping[str, Any]) -> str:
    """What the self-test found: nobody else sees it where the grader runs on a machine of GitHub's."""
    isolation = report["isolation"]
    missing = f"; a submission can {'; '.join(isolation['missing'])}" if isolation["missing"] else ""
    return f"Isolation: {isolation['level']}{missing}."


def _escaped(text: str) -> str:
    """Text that Markdown leaves as it is, on one line: every mark of punctuation may be escaped (CommonMark 2.4)."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(shown(text).split()))


def annotation_commands(report: Mapping[str, Any], source: SourceFile | None = None) -> list[str]:
    """Workflow commands that mark what lost points, the dearest first.

    A function has one, at the line that raised or else at its first; what is not written yet has none.  GitHub shows
    ten errors and ten warnings of a step.

    Parameters
    ----------
    report : mapping
    source : SourceFile or None
        The file that counts, with its path in the repository; without it they stand at no file.

    Returns
    -------
    list of str
        Lines to be printed, where no `stop-commands` is in force.
    """
    view = student_view(report, {})
    if view.no_score:
        return [_command("error", None, 0, "No score", view.no_score)]
    errors: list[str] = []
    warnings: list[str] = []
    for failure in (report["notebook"] or report["module"])["failed"][:_MOST_ANNOTATIONS]:
        is_cell = "cell" in failure
        title = f"Cell {failure['cell']} failed" if is_cell else "A statement failed"
        said = f"{failure.get('type', '')}: {failure.get('message', '')}"
        errors.append(_command("error", source, 0 if is_cell else failure.get("line", 0), title, said))
    checks = {check["id"]: check for check in report["checks"]}
    for name, lost in _by_function(view).items():
        line = max(_line(checks[check.id], source, is_hidden=check.is_hidden) for check in lost)
        score, most = (sum(getattr(c, field) for c in lost) for field in ("score", "max_score"))
        said = "\n".join(_words(check) for check in lost)
        is_partial = all(check.score for check in lost)
        command = _command(
            "warning" if is_partial else "error",
            source,
            line or (source.starts.get(name, 0) if source else 0),
            f"{name}: {points(score)} of {points(most)} points",
            said,
        )
        (warnings if is_partial else errors).append(command)
    return errors[:_MOST_ANNOTATIONS] + warnings[:_MOST_ANNOTATIONS]


def _by_function(view: ReportView) -> dict[str, list[CheckView]]:
    """The checks that lost points by function, those first that lost most together."""
    found: dict[str, list[CheckView]] = {}
    for check in view.lost:
        if check.verdict.tone != "missing":
            found.setdefault(check.id.partition(".")[0], []).append(check)
    return dict(sorted(found.items(), key=lambda item: sum(c.score - c.max_score for c in item[1])))


def _line(check: Mapping[str, Any], source: SourceFile | None, *, is_hidden: bool) -> int:
    exception = check["details"].get("exception")
    return 0 if source is None or is_hidden or not exception else source.raised(exception)


def _words(check: CheckView) -> str:
    hint = f" Hint: {check.hint}" if check.hint else ""
    return f"{check.title}: {check.message}{hint}"


def _command(kind: str, source: SourceFile | None, line: int, title: str, message: str) -> str:
    place = f"file={_property(source.path)}," if source else ""
    place += f"line={line}," if source and line else ""
    return f"::{kind} {place}title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    return shown(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
