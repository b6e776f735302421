"""A drawing has no style of its own, no id that another could have, and the same characters each time."""

import re
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from autograder.pages.svg import INKS, to_svg


def drawing(name="one", title="A title", text="text"):
    figure = Figure(figsize=(3, 2))
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    axes.plot([0, 1, 2], [1, 3, 2], "o-", color=INKS["yours"])
    axes.plot([0, 1, 2], [2, 2, 1], color="#123456")
    axes.text(1, 2, text, color=INKS["muted"], parse_math=False)
    axes.axhline(2, color=INKS["rule"], dashes=(2, 2))
    return to_svg(figure, name, title, "What is in it.")


def test_the_same_each_time():
    assert drawing() == drawing()


def test_no_styles_no_metadata_no_empty_groups():
    root = ElementTree.fromstring(drawing())
    assert root.get("role") == "img"
    tags = {element.tag for element in root.iter()}
    assert not tags & {"style", "metadata"}
    assert not [e for e in root.iter() if "style" in e.attrib or "font-family" in e.attrib]
    assert not [e for e in root.iter("g") if not len(e)]


def test_inks_are_classes_and_other_colours_stay():
    text = drawing()
    assert "s-yours" in text and "f-muted" in text and "s-rule" in text and "#123456" in text
    assert not [colour for colour in INKS.values() if colour in text]


def test_every_id_is_the_drawings_own_and_is_referred_to():
    text = drawing("two")
    ids = re.findall(r'\bid="([^"]*)"', text)
    assert len(ids) == len(set(ids)) and all(i.startswith("two-") for i in ids)
    used = re.findall(r'url\(#([^)]*)\)|href="#([^"]*)"|aria-\w+="([^"]*)"', text)
    assert {name for found in used for name in found if name} == set(ids)


@pytest.mark.parametrize(
    "hostile", ["</title><script>alert(1)</script>", "$x^2$", "图片 \U0001f600", 'a" onload="x']
)
def test_texts_are_escaped_and_never_taken_for_mathematics(hostile):
    root = ElementTree.fromstring(drawing(title=hostile, text=hostile))
    texts = [element.text for element in root.iter() if element.text]
    assert texts.count(hostile) == 2 and not list(root.iter("script"))
