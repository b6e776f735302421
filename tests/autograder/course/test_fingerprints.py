"""What of a text counts, and that no text is too odd."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.course import fingerprints as module
from autograder.course.fingerprints import defined, fingerprints, normalise

CODE = """
def scale(values, factor=2):
    total = 0.0
    for value in values:
        total += factor * value ** 2
    return total / len(values)
"""
ALIKE = {
    "names": CODE.replace("total", "summe").replace("value", "x").replace("scale", "f"),
    "numbers": CODE.replace("0.0", "0").replace("2\n", "3\n"),
    "comments": CODE.replace("0.0", "0.0  # nothing yet").replace("    for", "    # all\n    for"),
    "docstring": CODE.replace("    total = 0.0", '    """Squares."""\n    total = 0.0'),
    "annotations": CODE.replace("values, factor=2)", "values: list[int], factor: int = {1: 2}[1]) -> float"),
    "line breaks": CODE.replace("factor * value", "(factor *\n        value)").replace("0.0\n", "0.0;\n"),
    "indentation": CODE.replace("    ", "\t"),
    "brackets": CODE.replace("total / len(values)", "(total / (len(values)))"),
    "line ends": CODE.replace("\n", "\r\n"),
    "old line ends": CODE.replace("\n", "\r"),
    "imports": "import numpy as np\nfrom math import sqrt\n" + CODE,
}
DIFFERENT = {
    "operator": CODE.replace("+=", "-="),
    "keyword": CODE.replace("for value in values", "while value in values"),
    "statement": CODE.replace("    return", "    total = -total\n    return"),
    "handed out": CODE.replace("len(", "given("),
}
FRAGMENTS = [
    *(
        '"""',
        "'''",
        "'",
        '"',
        "f'{",
        'f"{x!r:>{w}}"',
        "def f(",
        "class",
        "):",
        "(",
        "]",
        "}",
        "\\",
        "\\\n",
        ";",
        "@",
    ),
    *(
        "\n",
        "\r",
        "\t",
        "  ",
        "\0",
        "\f",
        "\x1a",
        "\ufeff",
        "\ud800",
        "\u2028",
        "é",
        "0x",
        "1a",
        "0777",
        "$",
        "?",
        "!",
    ),
    *(
        "%matplotlib inline\n",
        "!ls\n",
        "import a",
        "from",
        "lambda: 0",
        "if x:\n",
        "\ty\n",
        "    z\n",
        "async def g():",
    ),
]


def words(text, names=frozenset()):
    return [word for _, word, _ in normalise(text, names)]


@pytest.mark.parametrize("text", ALIKE.values(), ids=ALIKE)
def test_what_a_copyist_changes_without_thinking_does_not_count(text):
    assert words(text) == words(CODE) != []
    assert set(fingerprints([text]).values) == set(fingerprints([CODE]).values)


@pytest.mark.parametrize("text", DIFFERENT.values(), ids=DIFFERENT)
def test_what_the_code_does_counts(text):
    names = frozenset({"given"})
    assert words(text, names) != words(CODE, names)


def test_the_order_of_functions_does_not_count():
    other = CODE.replace("+=", "-=").replace("return total", "return -total").replace("scale", "other")
    assert set(fingerprints([CODE + other]).values) == set(fingerprints([other + CODE]).values)
    assert set(fingerprints([CODE, other]).values) == set(fingerprints([CODE + other]).values)


def test_a_text_in_pieces_is_one_word():
    assert words('x = "a" f"b{c + d}" \\\n  "e"') == ["name", "=", "text"]


def test_f_strings_as_later_pythons_cut_them_up_are_one_word(monkeypatch):
    tokens = ["NAME x", "OP =", "FSTRING_START f'", "FSTRING_MIDDLE a", "OP {", "FSTRING_START f'", "NAME b"]
    tokens += [
        "FSTRING_END '",
        "OP ;",
        "OP }",
        "FSTRING_END '",
        "OP +",
        "NAME c",
        "FSTRING_START f'",
        "NEWLINE ",
    ]
    stream = [(*token.split(" "), 1, False) for token in [*tokens, "NAME y"]]
    monkeypatch.setattr(module, "_tokens", lambda text: iter(stream))
    assert words("") == ["name", "=", "text", "+", "name", "text", "name"]


def test_lines_are_those_of_the_text():
    found = fingerprints(["x = 1\n", CODE])
    assert set(found.text) == {1}
    assert (found.first.min(), found.last.max()) == (3, 6)
    assert (found.last >= found.first).all()


def test_short_functions_count_as_a_whole_and_very_short_ones_not():
    assert len(fingerprints(["def f(x):\n    return x + 1 - 2"]).values) == 1
    assert len(fingerprints(["def f(x):\n    return x"]).values) == 0


@pytest.mark.parametrize(
    ("broken", "kept"),
    [
        ("def f():\n    return (1 +\n", ["name", "=", "text"]),
        ("x = 'never closed\n", ["name", "=", "text"]),
        ("x = )\n", ["name", "=", "text"]),
        ("if x:\n        y\n   z\n", ["name", "=", "text"]),
        ('x = """never closed\n', ["name", "=", "text"]),
    ],
)
def test_what_does_not_parse_costs_little(broken, kept):
    after = "\ndef g(a):\n    b = 'text'\n"
    assert words(broken + after)[-3:] == kept


def test_names_of_the_handout_are_found_at_the_margin_only():
    assert defined("def f():\n  def g(): pass\nclass A:\n  def h(self): pass\nx = 1") == {"f", "A"}


def test_nothing_has_no_fingerprint():
    for texts in ([], [""], ["", "# only a comment"]):
        assert len(fingerprints(texts).values) == 0


@pytest.mark.parametrize(
    ("text", "is_cut"),
    [
        ("x = [" + "0, 1.5,\n" * 20_000, True),
        ("f(x) + " * 20_000, True),
        ("#" * 1_000_001, True),
        ("(" * 100_000, False),
        ('"""\n' * 30_001, False),
        ("'\n" * 30_000, False),
    ],
    ids=["table", "sum", "comment", "brackets", "docstrings", "quotes"],
)
def test_huge_texts_are_cut(text, is_cut):
    found = fingerprints([text, CODE])
    assert (len(found.values) <= module.MOST_WORDS, found.is_cut) == (True, is_cut)


@given(st.text() | st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5)).map("".join))
@example('f"{x!r:>{w}}" "b"')
@example("f'{")
def test_no_text_is_too_odd(text):
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    found = fingerprints([text])
    assert all(1 <= line <= lines and word for _, word, line in normalise(text))
    assert found.values.dtype == np.uint64
    assert ((found.first >= 1) & (found.last <= lines)).all()
