"""A report as a table for the terminal."""

from __future__ import annotations

import textwrap
from typing import Any

from autograder.model.result import DOES_NOT_RUN, NO_FILE

_REASONS = {NO_FILE: "no file", DOES_NOT_RUN: "does not run"}
_SIGNS = {"passed": "ok", "partial": "part", "not_implemented": "not written"}
_COLOURS = {"ok": 32, "part": 33, "not written": 2, "no file": 2}
"""Of the terminal (ECMA-48, "select graphic rendition"); every other verdict is red."""
_MAX_FAILURES = 8
_MAX_SNIPPET = 14  # two arrays of two rows from three


def render(report: dict[str, Any], width: int = 100, *, in_colour: bool = False) -> str:
    """Points by part, every check, and the first thing to mend for each that lost points.

    Parameters
    ----------
    report : dict
        As `autograder.reporting.build` makes it.
    width : int
        Columns of the terminal.
    in_colour : bool
        Colour the verdicts.

    Returns
    -------
    str
        What students wrote is stripped of control characters.
    """
    return "\n".join(_Table(report, max(60, min(width, 120)), in_colour).lines())


class _Table:
    """The lines of one report at one width."""

    def __init__(self, report: dict[str, Any], width: int, in_colour: bool) -> None:
        self.report, self.width, self.in_colour = report, width, in_colour
        self.name_width = max((len(c["id"]) for c in report.get("checks", [])), default=0)

    def lines(self) -> list[str]:
        report, submission = self.report, self.report["submission"]
        head = f"{report['assignment']['title']}: {_printable(submission['id'])}"
        if report["status"] != "graded":
            return [
                head,
                *self._wrap(f"Not graded ({report['status'].replace('_', ' ')}): {report['message']}", 0),
            ]
        lines = [f"{head} ({_printable(submission['entry'])})", ""]
        if submission["is_template"]:
            lines += ["Nothing has been written yet: no function differs from the template.", ""]
        for text in (report["message"], *submission["notes"]):
            lines += [*self._wrap(text, 2), ""] if text else []
        for part in report["parts"]:
            bonus = " (bonus)" if part.get("is_bonus") else ""
            lines.append(self._row(part["title"] + bonus, "", part))
            checks = [check for check in report["checks"] if check["part"] == part["id"]]
            for check in checks:
                lines += self._check(check)
            # Once for all checks that read it, and not one by one.
            for text in dict.fromkeys(c["message"] for c in checks if c["reason"] == NO_FILE):
                lines += self._wrap(text, 6)
            lines.append("")
        lines += self._failures() + self._follow_through()
        if report["manual"] and report["selection"] is None:
            lines += [f"Not in this score: {len(report['manual'])} written questions, marked by people.", ""]
        return [*lines, self._row(f"Score{_bonus(report)}", "", report)]

    def _check(self, check: dict[str, Any]) -> list[str]:
        sign = _SIGNS.get(check["status"], check["status"].replace("_", " "))
        sign = _REASONS.get(check["reason"], sign)
        lines = [self._row(f"  {check['id']:<{self.name_width}}  {check['title']}", sign, check)]
        if check["status"] not in ("passed", "not_implemented"):
            lines += self._wrap(check["message"], 6) + self._wrap(_numbers(check), 6)
            if check["diagnosis"] and check["diagnosis"]["hint"]:
                lines += self._wrap(f"Hint: {check['diagnosis']['hint']}", 6)
            lines += self._snippet(check)
        return lines

    def _snippet(self, check: dict[str, Any]) -> list[str]:
        """The counterexample, to be pasted into a file or a cell; a long one is in the report only."""
        if not check["counterexample"]:
            return []
        snippet = [_printable(line) for line in check["counterexample"]["snippet"].splitlines()]
        if len(snippet) > _MAX_SNIPPET:
            return ["      A small example to run is in report.json (counterexample)."]
        return ["      Try it:", *(f"          {line}".rstrip() for line in snippet)]

    def _row(self, title: str, sign: str, earned: dict[str, Any]) -> str:
        room = self.width - 24
        if len(title) > room:
            title = title[: room - 3].rstrip() + "..."
        points = f"{earned['score']:g} / {earned['max_score']:g}"
        shown = f"{sign:>12}"
        if self.in_colour and sign:
            shown = shown.replace(sign, f"\x1b[{_COLOURS.get(sign, 31)}m{sign}\x1b[0m")
        return f"{title:<{room}}{shown}{points:>12}"

    def _failures(self) -> list[str]:
        is_notebook = self.report["notebook"] is not None
        failed = (self.report["notebook"] or self.report["module"])["failed"]
        if not failed:
            return []
        kind, place = ("cell", "cell") if is_notebook else ("statement", "line")
        counted = f"1 {kind}" if len(failed) == 1 else f"{len(failed)} {kind}s"
        lines = [f"{counted} failed; graded is what the others define:"]
        for item in failed[:_MAX_FAILURES]:
            text = f"{place} {item.get(place, '?')}: {item.get('type', '')}: {item.get('message', '')}"
            lines += self._wrap(text, 2)
        if len(failed) > _MAX_FAILURES:
            lines.append(f"  and {len(failed) - _MAX_FAILURES} more; report.json lists them all.")
        return [*lines, ""]

    def _follow_through(self) -> list[str]:
        noted = [c["follow_through"] for c in self.report["checks"] if c["follow_through"]]
        counted = [n for n in noted if n["counted"] == "with_reference"]
        if not counted:
            return []
        pieces = sorted({piece for note in counted for piece in note["replaced"]})
        checks = "1 check that builds" if len(counted) == 1 else f"{len(counted)} checks that build"
        text = f"{checks} on your {', '.join(pieces)} passed with the reference in its place."
        return [*self._wrap(text, 0), ""]

    def _wrap(self, text: str, indent: int) -> list[str]:
        space = " " * indent
        return textwrap.wrap(_printable(text), self.width, initial_indent=space, subsequent_indent=space)


def _bonus(report: dict[str, Any]) -> str:
    """Of what a score is made that is partly bonus."""
    earned = report.get("bonus", {}).get("score", 0.0)
    return f" ({round(report['score'] - earned, 2):g} + {earned:g} bonus)" if earned else ""


def _numbers(check: dict[str, Any]) -> str:
    details = check["details"]
    if check["visibility"] != "visible" or "expected" not in details:
        return ""
    at = f" at {details['at']}" if details.get("at") else ""
    return f"Expected{at}: {_short(details['expected'])}; got: {_short(details['got'])}."


def _short(number: Any) -> str:
    return f"{number:.6g}" if isinstance(number, (int, float)) else str(number)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
