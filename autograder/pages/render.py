"""Fills the templates: everything is escaped, and each page allows its own style and script and nothing else.

Nothing that a student wrote is put into a page as HTML.  Should something slip through all the same, the content
security policy of the page lets it load nothing and run nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from autograder import __version__
from autograder.pages import plots
from autograder.pages.instructor import InstructorView
from autograder.pages.overview import ClassView
from autograder.pages.student import ReportView
from autograder.pages.texts import MAX_CODE, counted, listed, points, shown
from autograder.pages.trainings import TrainingView

_STYLE, _SCRIPT = "style.css", "sort.js"


@dataclass(frozen=True)
class Page:
    """A page that is made when it is asked for."""

    digest: str
    """Of all that it shows to its reader; it stands in the page."""
    text: Callable[[], str]


@dataclass(frozen=True)
class Pictures:
    """Of one training."""

    loss: Markup | None
    own: Markup | None
    """What the student's model sees where."""
    reference: Markup | None


class Renderer:
    """Makes pages; the templates are compiled once."""

    def __init__(self) -> None:
        self._drawn: dict[Any, Markup] = {}
        self._templates = Environment(
            loader=PackageLoader("autograder.pages"),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            finalize=lambda value: (
                value if isinstance(value, Markup) or not isinstance(value, str) else shown(value)
            ),
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        # Both are files of our own: the only text that is not escaped.
        style, script = (Markup(self._source(name)) for name in (_STYLE, _SCRIPT))
        templates = "".join(self._source(name) for name in self._templates.list_templates())
        self._made_by = f"{__version__} {hashlib.sha256(templates.encode()).hexdigest()}"
        filters: dict[str, Any] = {
            "points": points,
            "listed": lambda names: listed(list(names)),
            "code": _code,
        }
        self._templates.filters |= filters
        self._templates.globals |= {
            "style": style,
            "script": script,
            "policy": policy(style),
            "policy_with_script": policy(style, script),
            "counted": counted,
        }

    def student(self, view: ReportView) -> Page:
        """The page of one student."""
        return self._page("feedback.html", view, lambda: {"view": view, "pictures": self._pictures(view)})

    def instructor(self, view: InstructorView) -> Page:
        """The page of one submission for the instructor."""
        report = view.report
        return self._page(
            "instructor.html", view, lambda: {"view": report, "all": view, "pictures": self._pictures(report)}
        )

    def overview(self, view: ClassView) -> Page:
        """The page of a class."""
        return self._page(
            "class.html",
            view,
            lambda: {"view": view, "distribution": _distribution(view), "heat_map": _heat_map(view)},
        )

    def _page(self, name: str, view: object, values: Callable[[], dict[str, Any]]) -> Page:
        digest = hashlib.sha256(f"{self._made_by} {name} {view!r}".encode("utf-8", "replace")).hexdigest()
        template = self._templates.get_template(name)
        return Page(digest, lambda: template.render(digest=digest, **values()))

    def _source(self, name: str) -> str:
        loader = self._templates.loader
        assert loader is not None
        return loader.get_source(self._templates, name)[0]

    def _pictures(self, view: ReportView) -> list[Pictures]:
        return [self._of_training(training, number) for number, training in enumerate(view.trainings)]

    def _of_training(self, training: TrainingView, number: int) -> Pictures:
        own, reference, task = training.own, training.reference, training.task
        curve, seen = (reference.curve, reference.map) if reference else ((), None)
        draw, plane = self._draw, plots.decision_map
        has_curve, has_both = bool(own.curve or curve), bool(own.map and seen)
        return Pictures(
            loss=draw(plots.loss_curves, f"loss{number}", own.curve, curve, task) if has_curve else None,
            own=draw(plane, f"own{number}", own.map, "yours", task) if own.map else None,
            reference=draw(plane, f"ref{number}", seen, "the reference's", task) if has_both else None,
        )

    def _draw(self, plot: Any, *arguments: Any) -> Markup:
        key = (plot, *arguments)
        if key not in self._drawn:
            if len(self._drawn) > 100:  # a class has thousands, and only the reference's come again
                self._drawn.clear()
            self._drawn[key] = plot(*arguments)
        return self._drawn[key]


def policy(style: str, script: str = "") -> str:
    """The content security policy of a page with this style sheet and this script."""
    parts = ["default-src 'none'", f"style-src '{_digest(style)}'"]
    if script:
        parts.append(f"script-src '{_digest(script)}'")
    return "; ".join([*parts, "img-src data:", "base-uri 'none'", "form-action 'none'"])


def _code(text: str) -> Markup:
    """Lines of code, which may be longer than a sentence."""
    return escape(shown(text, MAX_CODE))


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _distribution(view: ClassView) -> Markup | None:
    return plots.distribution("scores", view.scores, view.max_score) if view.scores else None


def _heat_map(view: ClassView) -> Markup | None:
    if not view.cells.size:
        return None
    said = "Students from the highest score to the lowest, checks from left to right. The table of checks has numbers."
    return plots.heat_map("cells", view.cells, view.columns, view.by_part(), said)
