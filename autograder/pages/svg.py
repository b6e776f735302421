"""Makes a drawing of matplotlib's a part of a page: coloured by the page's style sheet, without styles of its own.

The pages' content security policy allows one style sheet, known by its hash, so matplotlib's ``style`` attributes
would be ignored.  They become presentation attributes, and the inks of `INKS` become classes, which the style sheet
colours for light, dark and paper.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import matplotlib
from markupsafe import Markup
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

_NAMES = ("ink", "muted", "rule", "yours", "reference", "bad", "partial", "missing", "paper")
_CLASSES = tuple(f"class{k}" for k in range(10))
INKS = {name: f"#0000{number:02x}" for number, name in enumerate((*_NAMES, *_CLASSES), 1)}
"""Colours to draw with; each stands for a variable of the style sheet."""

_BY_COLOUR = {colour: name for name, colour in INKS.items()}
_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
_DROPPED = {f"{_SVG}metadata", f"{_SVG}style", f"{_SVG}title"}
_GROUPS = {f"{_SVG}g", f"{_SVG}defs"}
_TEXTS = {f"{_SVG}text", f"{_SVG}tspan"}
_PLACES = {"d", "x", "y", "transform"}
_DECIMALS = re.compile(r"-?\d+\.\d+")
_REFERENCE = re.compile(r"url\(#([^)]*)\)")
_FONT_SIZE = re.compile(r"([\d.]+)px")
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # texts stay texts, in the page's font
    "svg.hashsalt": "pages",
    "svg.image_inline": True,
    "path.simplify": True,
}


def to_svg(figure: Figure, name: str, title: str, description: str = "") -> Markup:
    """A figure as an ``<svg>`` element, the same characters each time.

    Parameters
    ----------
    figure : Figure
        Drawn in the colours of `INKS`.
    name : str
        Unique on the page; begins the ids in the drawing.
    title, description : str
        What a screen reader says in its place.
    """
    stream = io.StringIO()
    with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        # Texts are set by the browser; whether a font here has their letters does not matter.
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        FigureCanvasSVG(figure)
        figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None})
    root = ElementTree.fromstring(stream.getvalue())
    used = set(_used_ids(root))
    for element in root.iter():
        _restyle(element, name, used)
    _lighten(root)
    for size in ("width", "height"):
        root.attrib[size] = root.attrib[size].removesuffix("pt")
    root.attrib |= {"class": "plot", "role": "img", "aria-labelledby": f"{name}-title"}
    labels = [("title", title), ("desc", description)] if description else [("title", title)]
    for place, (tag, text) in enumerate(labels):
        label = ElementTree.Element(f"{_SVG}{tag}", {"id": f"{name}-{tag}"})
        label.text = text
        root.insert(place, label)
    if description:
        root.attrib["aria-describedby"] = f"{name}-desc"
    text = ElementTree.tostring(root, "unicode")
    return Markup(text.replace("ns0:", "").replace(' xmlns:ns0="http://www.w3.org/2000/svg"', ""))


def _used_ids(root: ElementTree.Element) -> Iterator[str]:
    for element in root.iter():
        for key, value in element.attrib.items():
            yield from _REFERENCE.findall(value)
            if key == f"{_XLINK}href" and value.startswith("#"):
                yield value[1:]


def _lighten(element: ElementTree.Element) -> None:
    """Leave out what cannot be seen, and the decimals that nobody sees."""
    for child in list(element):
        _lighten(child)
        is_invisible = child.get("fill") == "none" and not {"stroke", "class"} & set(child.keys())
        is_empty = child.tag in _GROUPS and not len(child)
        if child.tag in _DROPPED or is_empty or is_invisible:
            element.remove(child)
        child.tail = None
    if element.tag not in _TEXTS:
        element.text = None
    for key in _PLACES & set(element.keys()):
        numbers = _DECIMALS.sub(lambda found: f"{float(found[0]):.1f}", element.attrib[key])
        element.attrib[key] = " ".join(numbers.split())


def _restyle(element: ElementTree.Element, name: str, used: set[str]) -> None:
    """Turn one element's style into attributes and classes, and keep its id only if something refers to it."""
    attributes = element.attrib
    for declaration in attributes.pop("style", "").split(";"):
        key, colon, value = declaration.partition(":")
        if colon:
            attributes[key.strip()] = value.strip()
    font = attributes.pop("font", "")
    if font:
        attributes["font-size"] = _FONT_SIZE.findall(font)[0]
    attributes.pop("font-family", None)  # the page's
    classes = []
    for key, short in (("fill", "f"), ("stroke", "s")):
        ink = _BY_COLOUR.get(attributes.get(key, ""))
        if ink:
            del attributes[key]
            classes.append(f"{short}-{ink}")
    if element.tag == f"{_SVG}text" and "fill" not in attributes and not classes:
        classes.append("f-ink")  # black, which matplotlib leaves out
    if classes:
        attributes["class"] = " ".join(classes)
    if attributes.get("id") in used:
        attributes["id"] = f"{name}-{attributes['id']}"
    else:
        attributes.pop("id", None)
    if f"{_XLINK}href" in attributes:
        target = attributes.pop(f"{_XLINK}href")
        attributes["href"] = f"#{name}-{target[1:]}" if target.startswith("#") else target
    for key, value in attributes.items():
        attributes[key] = _REFERENCE.sub(rf"url(#{name}-\1)", value)
