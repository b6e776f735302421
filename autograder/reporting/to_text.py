"""A report as a table for the terminal."""

from __future__ import annotations

import textwrap
from typing import Any

_WIDTH = 100
_SIGNS = {"passed": "ok", "partial": "part"}


def render(report: dict[str, Any]) -> str:
    """Points by part, every check, and the first thing to mend for each that lost points.

    Parameters
    ----------
    report : dict
        As `autograder.reporting.build` makes it.
    """
    submission = report["submission"]
    head = f"{report['assignment']['title']}: {submission['id']}"
    if report["status"] != "graded":
        return f"{head}\nNot graded ({report['status'].replace('_', ' ')}): {report['message']}"
    lines = [f"{head} ({submission['entry']})", ""]
    if submission["is_template"]:
        lines += ["This is the template as it was handed out: nothing has been written yet.", ""]
    if report["message"]:
        lines += [*_wrap(report["message"], "  "), ""]
    for part in report["parts"]:
        lines.append(f"{part['title']:<{_WIDTH - 14}}{_points(part['score'], part['max_score']):>14}")
        for check in report["checks"]:
            if check["part"] == part["id"]:
                lines += _check(check)
        lines.append("")
    lines += _failures(report)
    if report["manual"]:
        lines += [f"Marked by people, not in this score: {len(report['manual'])} written answers.", ""]
    lines.append(f"{'Score':<{_WIDTH - 14}}{_points(report['score'], report['max_score']):>14}")
    return "\n".join(lines)


def _check(check: dict[str, Any]) -> list[str]:
    sign = _SIGNS.get(check["status"], check["status"].replace("_", " "))
    points = _points(check["score"], check["max_score"])
    title = f"{check['id']}  {check['title']}"
    lines = [f"  {title[: _WIDTH - 34]:<{_WIDTH - 34}}{sign:>18}{points:>14}"]
    if check["status"] not in ("passed", "not_implemented"):
        lines += _wrap(check["message"], "      ")
        lines += _wrap(_numbers(check), "      ")
    return lines


def _numbers(check: dict[str, Any]) -> str:
    details = check["details"]
    if check["visibility"] != "visible" or "expected" not in details:
        return ""
    at = f" at {details['at']}" if details.get("at") else ""
    return f"Expected{at}: {_short(details['expected'])}; got: {_short(details['got'])}."


def _failures(report: dict[str, Any]) -> list[str]:
    what = report["notebook"] or report["module"] or {}
    failed = what.get("failed", [])
    if not failed:
        return []
    kind = "cell" if report["notebook"] else "line"
    counted = f"{len(failed)} {'cells' if report['notebook'] else 'statements'} failed" if len(failed) > 1 else f"1 {'cell' if report['notebook'] else 'statement'} failed"
    lines = [f"{counted} (graded is what the others define):"]
    for item in failed[:8]:
        message = f"{kind} {item.get(kind, '?')}: {item.get('type', '')}: {item.get('message', '')}"
        lines += _wrap("".join(c if c.isprintable() else " " for c in message), "  ")
    if len(failed) > 8:
        lines.append(f"  and {len(failed) - 8} more; the report lists them all.")
    return [*lines, ""]


def _wrap(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent) if text else []


def _points(score: float, max_score: float) -> str:
    return f"{score:g} / {max_score:g}"


def _short(number: Any) -> str:
    return f"{number:.6g}" if isinstance(number, (int, float)) else str(number)
