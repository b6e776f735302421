"""Every plot can be drawn from what a report may hold, and says in words what it shows."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.pages import plots
from autograder.pages.trainings import Map

LOSSES = st.lists(st.floats(-1e12, 1e12), max_size=30).map(tuple)
MAP = Map(
    (-1.0, 1.0), (0.0, 2.0), ("0011", "0011", "0122", "2222"), ((-0.5, 0.5, 0), (0.5, 1.0, 1), (0.1, 1.5, 9))
)


def said(drawing):
    return " ".join(e.text for e in ElementTree.fromstring(drawing).iter() if e.tag in ("title", "desc"))


@settings(max_examples=25)
@given(LOSSES, LOSSES)
def test_any_curves_can_be_drawn(own, reference):
    if own or reference:
        assert ElementTree.fromstring(plots.loss_curves("a", own, reference, "moons")).tag == "svg"


@pytest.mark.parametrize(
    "curve", [(1e-300,), (0.0, 0.0), (5e-324, 1e300), (1.0, 1.0), (-1.0, 1e-9), tuple(range(999))]
)
def test_extreme_curves_can_be_drawn(curve):
    assert "svg" in plots.loss_curves("a", curve, (), "moons")


def test_curves_say_where_they_begin_and_end():
    assert said(plots.loss_curves("a", (3.0, 1.5), (3.0, 0.01), "moons")) == (
        "Loss during training, moons Yours goes from 3 to 1.5, 2 values. "
        "The reference's goes from 3 to 0.01, 2 values. The scale is logarithmic."
    )
    assert "Yours was not recorded." in said(plots.loss_curves("a", (), (1.0,), "moons"))


def test_classes_of_a_map_have_colours_and_markers():
    drawing = plots.decision_map("a", MAP, "yours", "moons")
    assert all(f"f-class{k}" in drawing for k in (0, 1, 2))
    assert len(re.findall(r"<use ", drawing)) == 3 and len(set(re.findall(r'href="(#[^"]*)"', drawing))) == 3
    assert said(drawing).endswith("It sees class 0 on 31%, class 1 on 31%, class 2 on 38% of the area.")


def test_a_map_of_one_class_and_no_points():
    assert "f-class7" in plots.decision_map("a", Map((0, 1), (0, 1), ("77", "77"), ()), "yours", "moons")


@pytest.mark.parametrize(
    ("scores", "most"), [([0.0], 100.0), ([100.0] * 3, 100.0), ([1.0, 50.0, 120.0], 100.0), ([0.0], 0.0)]
)
def test_distribution_counts_everybody(scores, most):
    drawing = plots.distribution("a", scores, most)
    assert f"Distribution of {len(scores)} scores" in drawing
    assert sum(int(n) for n in re.findall(r": (\d+)[,.]", said(drawing).partition("points")[2])) == len(
        scores
    )


def test_a_heat_map_has_few_elements_however_large_the_class():
    cells = np.random.default_rng(1).integers(0, 5, (500, 74))
    ids = [f"check{i}" for i in range(74)]
    drawing = plots.heat_map("a", cells, ids, [("One <b>", 10), ("Two " * 40, 64)], "All of it.")
    paths = re.findall(r'class="f-(partial|bad|missing|rule)"', drawing)
    assert sorted(paths) == ["bad", "missing", "partial", "rule"]
    assert (
        drawing.count("<path") < 20 and "check73" in drawing and "One &lt;b&gt;" in drawing and "…" in drawing
    )


def test_runs_of_equal_cells_are_one_rectangle():
    cells = np.array([[2, 0], [2, 0], [0, 2], [2, 2]])
    path = re.search(r'd="([^"]*)"[^>]*class="f-bad"', plots.heat_map("a", cells, ["x", "y"], [("P", 2)], ""))
    assert path is not None and path[1].count("M") == 3


def test_a_class_of_one_and_a_class_that_is_all_right():
    assert "f-bad" not in plots.heat_map("a", np.zeros((1, 1), int), ["x"], [("P", 1)], "")
