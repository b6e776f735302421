"""What is read of a notebook before it runs."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import InvalidSubmission
from autograder.intake.notebook import check, code_cells


def old(*sources):
    """A notebook of nbformat 3."""
    cells = [{"cell_type": "code", "input": s, "language": "python", "outputs": []} for s in sources]
    return json.dumps(
        {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    ).encode()


@pytest.mark.parametrize(
    ("raw", "cells"),
    [
        (old("x = 1", ["y = 2\n", "z = 3"]), ["x = 1", "y = 2\nz = 3"]),
        (json.dumps({"cells": [{"cell_type": "markdown", "source": "# T"}]}).encode(), []),
        (json.dumps({"cells": [{"cell_type": "code", "source": ["a\n", "b"]}]}).encode(), ["a\nb"]),
        (json.dumps({"cells": [{"cell_type": "code", "source": " \n\n"}]}).encode(), []),
        (json.dumps({"cells": [{"cell_type": "code", "source": "a  \r\nb\t\r\n\r\n"}]}).encode(), ["a\nb"]),
        (b"\xef\xbb\xbf" + json.dumps({"cells": [{"cell_type": "code", "source": "ü"}]}).encode(), ["ü"]),
        (json.dumps({"cells": [{"cell_type": "code"}, 3, None, "x", [], {}]}).encode(), []),
        (json.dumps({"worksheets": [3, {"cells": 4}, {}]}).encode(), []),
        (json.dumps({"worksheets": []}).encode(), []),
        (b"[]", None),
        (b"{}", None),
        (b'{"cells": 1}', None),
        (b"null", None),
        (b"\xff\xfe", None),
        (b"[" * 100_000, None),
    ],
    ids=lambda v: repr(v)[:40],
)
def test_code_cells_are_found_in_any_format(raw, cells):
    assert code_cells(raw) == cells


def test_a_notebook_has_nothing_unusual(notebook):
    assert check(notebook("x = 1")) == []


@pytest.mark.parametrize(
    "raw", [b"{}", b"[]", b'{"cells": {}}', b'{"cells"', b"x = 1\n", b"\x89PNG\r\n", b"0"]
)
def test_what_is_no_notebook_is_refused(raw):
    with pytest.raises(InvalidSubmission, match="damaged"):
        check(raw)


@pytest.mark.parametrize("raw", [b"", b" \n ", b"\n\n"])
def test_an_empty_file_is_refused(raw):
    with pytest.raises(InvalidSubmission, match="empty file"):
        check(raw)


@pytest.mark.parametrize("raw", [b"<html>", b"\n\n<!DOCTYPE HTML>", b"\xef\xbb\xbf<!doctype html>\n<body>"])
def test_a_saved_web_page_is_recognized(raw):
    with pytest.raises(InvalidSubmission, match="saved web page of Jupyter"):
        check(raw)


@given(st.recursive(st.none() | st.text(max_size=3) | st.integers(), lambda x: st.lists(x) | st.dictionaries(
    st.sampled_from(["cells", "worksheets", "cell_type", "source", "input"]), x), max_leaves=10))  # fmt: skip
def test_any_json_is_a_notebook_or_refused(tree):
    with suppress(InvalidSubmission):
        check(json.dumps(tree).encode())
