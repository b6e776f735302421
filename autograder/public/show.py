"""Findings of the public checks as a text, and as HTML in a notebook's cell."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence

from autograder.checking.compare import Comparison
from autograder.model import result
from autograder.public.run import INTERRUPTED, NOT_RUN, OPEN, Finding, PublicChecks

_SIGNS = {
    result.PASSED: "ok",
    result.NOT_IMPLEMENTED: "not written",
    result.PARTIAL: "partly",
    result.TIMEOUT: "too slow",
    INTERRUPTED: "interrupted",
    OPEN: "open",
}
# Read on a light ground as on a dark one: 3.9 to 4.5 times as bright, or as dark.
_COLOURS = {"ok": "#1d8a3f", "not written": "#747a82", "failed": "#e0353f"}
_AMBER = "#a8700b"
_WIDTH = 96
_TOP = "text-align:left;vertical-align:top"
_HEADS = ("wrong value", "largest error", "allowed")
_OPEN = "The grader judges it again with a right one in its place."


class Shown:
    """What `check` returns: it prints itself, at a prompt as a text and in a cell as a table.

    Parameters
    ----------
    checks : PublicChecks
    findings : sequence of Finding
    source : str
        What was checked: a file, or the cells of a notebook.
    """

    def __init__(self, checks: PublicChecks, findings: Sequence[Finding], source: str) -> None:
        self.findings, self._checks, self._source = tuple(findings), checks, source

    @property
    def score(self) -> float:
        """Points earned in these checks."""
        return sum(f.points * f.fraction for f in self.findings)

    @property
    def footer(self) -> str:
        """What the points here are a part of."""
        here = sum(f.points for f in self.findings)
        covered = f"{self._checks.decided:g} of {self._checks.max_score:g} points are decided here"
        return f"{self._source}: {self.score:g} of {here:g} points. Public checks only: {covered}."

    @property
    def notes(self) -> list[str]:
        """What is said once for several checks."""
        mend = {name for finding in self.findings for name in finding.mend}
        left = sum(finding.status == NOT_RUN for finding in self.findings)
        return [
            *(
                [f"open: uses what is not right yet ({', '.join(self._checks.in_order(mend))}). {_OPEN}"]
                if mend
                else []
            ),
            *([f"You ended the checks: {left} were not run."] if left else []),
        ]

    @property
    def _rows(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.status != NOT_RUN]

    def __repr__(self) -> str:
        lines = []
        for finding in self._rows:
            title = f"{finding.id}  {finding.title}"
            if len(title) > _WIDTH - 24:
                title = title[: _WIDTH - 27].rstrip() + "..."
            lines.append(f"{title:<{_WIDTH - 24}}{_sign(finding):>12}{_points(finding):>12}")
            for words in _words(finding):
                lines += [f"    {line}" for line in textwrap.wrap(words, _WIDTH - 4)]
            table = _table(finding)
            if table:
                lines += [
                    f"    {name:<40} {error:>13} {bound:>12}" for name, error, bound in (_HEADS, *table)
                ]
            lines += [f"    {line}" for line in [*_right(finding), *_printed(finding)]]
        notes = [line for note in self.notes for line in textwrap.wrap(note, _WIDTH)]
        return "\n".join([*lines, *notes, self.footer])

    def _repr_html_(self) -> str:
        rows = []
        for finding in self._rows:
            sign = _sign(finding)
            words = "".join(f"<div>{html.escape(line)}</div>" for line in _words(finding))
            table = _table(finding)
            cells = "".join(
                "<tr>"
                + "".join(f"<{kind} style='{_TOP}'>{html.escape(text)}</{kind}>" for text in row)
                + "</tr>"
                for kind, row in [("th", _HEADS), *(("td", row) for row in table)]
            )
            words += f"<table>{cells}</table>" if table else ""
            words += "".join(f"<div>{html.escape(line)}</div>" for line in _right(finding))
            said = "\n".join(_printed(finding))
            words += f"<pre style='opacity:.75;margin:0'>{html.escape(said)}</pre>" if said else ""
            colour = _COLOURS.get(sign, _AMBER)
            rows.append(
                f"<tr><td style='{_TOP}'><code>{html.escape(finding.id)}</code></td>"
                f"<td style='{_TOP}'><div style='opacity:.75'>{html.escape(finding.title)}</div>{words}</td>"
                f"<td style='{_TOP};color:{colour};white-space:nowrap'><b>{sign}</b></td>"
                f"<td style='{_TOP};white-space:nowrap'>{_points(finding)}</td></tr>"
            )
        said = "".join(f"<p>{html.escape(note)}</p>" for note in [*self.notes, self.footer])
        return f"<table>{''.join(rows)}</table>{said}"


def _sign(finding: Finding) -> str:
    return _SIGNS.get(finding.status, "failed")


def _points(finding: Finding) -> str:
    return f"{finding.points * finding.fraction:g} / {finding.points:g}"


def _words(finding: Finding) -> list[str]:
    """What is said of a finding that is not right."""
    if finding.status in (result.PASSED, result.NOT_IMPLEMENTED):
        return []
    details = finding.details
    words = [finding.message]
    if "expected" in details and "got" in details:
        at = f" at {details['at']}" if details.get("at") else ""
        words.append(f"Expected{at}: {details['expected']:.6g}; got: {details['got']:.6g}.")
    return words


def _compared(finding: Finding) -> tuple[list[Comparison], int]:
    """The worst comparison of each value that is wrong, and how many values are right; if there are several."""
    worst: dict[str, Comparison] = {}
    for comparison in finding.comparisons:
        known = worst.get(comparison.what)
        if known is None or not comparison.error <= known.error:
            worst[comparison.what] = comparison
    if finding.status in (result.PASSED, OPEN) or len(worst) < 2:
        return [], 0
    wrong = [c for c in worst.values() if not c.error <= _bound(c)]
    return wrong, len(worst) - len(wrong)


def _table(finding: Finding) -> list[tuple[str, str, str]]:
    wrong, _ = _compared(finding)
    return [(c.what, f"{c.error:.2g}", f"{_bound(c):.2g}") for c in wrong]


def _right(finding: Finding) -> list[str]:
    """The values that are right, in one line."""
    wrong, right = _compared(finding)
    if not right:
        return []
    if not wrong:
        return [f"All {right} values that were compared are right."]
    return ["1 other is right." if right == 1 else f"{right} others are right."]


def _bound(comparison: Comparison) -> float:
    return comparison.tolerance.bound(comparison.scale, comparison.is_single)


def _printed(finding: Finding) -> list[str]:
    """The beginning of what the student's code printed."""
    count, first = finding.printed.count, finding.printed.first
    if not count:
        return []
    many = "1 line" if count == 1 else f"{count} lines"
    return [
        f"Your code printed {many}{'; the first:' if count > len(first) else ':'}",
        *(f"  {line}" for line in first),
    ]
