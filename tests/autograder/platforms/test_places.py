"""Lines of functions in the file that was handed in."""

import nbformat
import pytest

from autograder.model.submission import Submission
from autograder.platforms.places import source_file

CODE = '''import functools


def double(x):
    """Twice x."""
    return 2 * x


@functools.cache
def add(x):
    return x + 1


class Adam:
    def double(self):
        pass


def add(x):  # counts
    return x + 2
'''


def module(code=CODE):
    return Submission("ada", "module", "hw.py", {"hw.py": code.encode("utf-8-sig")})


def notebook(*cells, indent=1):
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    raw = nbformat.writes(made, indent=indent).encode()
    return Submission("ada", "notebook", "hw.ipynb", {"hw.ipynb": raw})


def test_of_a_module_the_last_definitions_are_found():
    source = source_file(module(), ["double", "add", "Adam", "none"], "src/hw.py")
    assert source.path == "src/hw.py"
    assert source.starts == {"double": 4, "add": 19, "Adam": 14}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_python_counts_them(end):
    code = f"x = 'a\x0cb\u2028c'{end}{end}def double(x):{end}    return x{end}"
    assert source_file(module(code), ["double"], "hw.py").starts == {"double": 3}


def test_of_a_notebook_the_lines_are_the_file_s_own():
    submission = notebook("x = 1\n", CODE, "async def double(x):\n    return x\ndef doubled(x):\n    pass")
    source = source_file(submission, ["double", "add", "Adam"], "hw.ipynb")
    lines = submission.files["hw.ipynb"].decode().splitlines()
    found = {name: lines[number - 1].strip() for name, number in source.starts.items()}
    assert found == {
        "double": '"async def double(x):\\n",',
        "add": '"def add(x):  # counts\\n",',
        "Adam": '"class Adam:\\n",',
    }


def test_a_notebook_on_one_line_has_no_lines():
    raw = notebook(CODE).files["hw.ipynb"].replace(b"\n", b"")
    assert source_file(Submission("a", "notebook", "h", {"h": raw}), ["double"], "h").starts == {}


@pytest.mark.parametrize(
    ("exception", "line"),
    [
        ({"line": 6, "code": "return 2 * x"}, 6),
        ({"line": 6, "code": "return 2 *"}, 6),  # reports cut long lines
        ({"line": 6, "code": "another file's line"}, 0),
        ({"line": 5000, "code": "return 2 * x"}, 0),
        ({"line": 0, "code": "x"}, 0),
        ({"line": 6}, 0),
        ({}, 0),
    ],
)
def test_the_line_that_raised_is_taken_only_if_it_is_this_file_s(exception, line):
    assert source_file(module(), [], "hw.py").raised(exception) == line


def test_a_cell_s_line_is_none_of_the_notebook_s():
    assert source_file(notebook(CODE), [], "h").raised({"line": 1, "code": "import functools"}) == 0


@pytest.mark.parametrize("code", ["def broken(:", "\0", "", "'" * 3])
def test_a_file_that_does_not_parse_has_no_lines(code):
    assert source_file(module(code), ["broken"], "hw.py").starts == {}
