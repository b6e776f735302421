"""Findings of the public checks as a text, and as HTML in a notebook's cell."""

from __future__ import annotations

import html
from collections.abc import Sequence

from autograder.checking.compare import Comparison
from autograder.model import result
from autograder.public.run import OPEN, Finding, PublicChecks

_SIGNS = {result.PASSED: "ok", result.NOT_IMPLEMENTED: "not written", OPEN: "open", result.PARTIAL: "partly"}
_COLOURS = {"ok": "#1a7f37", "open": "#9a6700", "not written": "#656d76", "partly": "#9a6700"}
_WIDTH = 96


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

    def __repr__(self) -> str:
        lines = []
        for finding in self.findings:
            title = f"{finding.id}  {finding.title}"
            if len(title) > _WIDTH - 24:
                title = title[: _WIDTH - 27].rstrip() + "..."
            lines.append(f"{title:<{_WIDTH - 24}}{_sign(finding):>12}{_points(finding):>12}")
            lines += [f"    {line}" for line in _words(finding)]
            lines += [f"    {name:<40} {error:>10} {bound:>12}" for name, error, bound in _table(finding)]
        return "\n".join([*lines, self.footer])

    def _repr_html_(self) -> str:
        rows = []
        for finding in self.findings:
            sign = _sign(finding)
            words = "".join(f"<div>{html.escape(line)}</div>" for line in _words(finding))
            cells = "".join(
                "<tr>"
                + "".join(f"<td style='text-align:left'>{html.escape(text)}</td>" for text in row)
                + "</tr>"
                for row in _table(finding)
            )
            table = (
                "<table><tr><th style='text-align:left'>value</th><th>largest error</th><th>allowed</th></tr>"
                f"{cells}</table>"
                if cells
                else ""
            )
            colour = _COLOURS.get(sign, "#cf222e")
            rows.append(
                f"<tr><td style='text-align:left;vertical-align:top'><code>{html.escape(finding.id)}</code></td>"
                f"<td style='text-align:left'>{html.escape(finding.title)}{words}{table}</td>"
                f"<td style='color:{colour};vertical-align:top'><b>{sign}</b></td>"
                f"<td style='vertical-align:top'>{_points(finding)}</td></tr>"
            )
        return f"<table>{''.join(rows)}</table><p>{html.escape(self.footer)}</p>"


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


def _table(finding: Finding) -> list[tuple[str, str, str]]:
    """Each value that was compared with what is right, where there are several and one is wrong."""
    worst: dict[str, Comparison] = {}
    for comparison in finding.comparisons:
        known = worst.get(comparison.what)
        if known is None or not comparison.error <= known.error:
            worst[comparison.what] = comparison
    if finding.status in (result.PASSED, OPEN) or len(worst) < 2:
        return []
    return [
        (c.what, f"{c.error:.2g}", f"{c.tolerance.bound(c.scale, c.is_single):.2g}") for c in worst.values()
    ]
