"""The catalogue of mistakes is read from tables and from files with one function, or refused in one sentence."""

import pytest

from autograder.assignment.mistakes import read_mistakes
from autograder.errors import GraderFault

TABLE = """
[[mistake]]
id = "relu__negated"
function = "relu"
old = "Z"
new = "-Z"
loses = ["relu"]
theme = "sign"
summary = "The sign is wrong."
pointer = "Positive numbers become zero."
"""
MODULE = '''"""The sign is wrong."""

loses = ["relu"]
theme = "sign"
nudge = "Which numbers become zero?"
pointer = "Positive numbers become zero."


def relu(Z):
    return np.maximum(-Z, 0)
'''


def test_tables_and_files_are_read_in_order(tmp_path):
    (tmp_path / "b.toml").write_text(TABLE)
    (tmp_path / "relu__other.py").write_text(MODULE)
    table, module = read_mistakes(tmp_path)
    assert (table.id, table.components, table.loses) == ("relu__negated", ("relu",), ("relu",))
    assert (module.id, module.summary, module.theme) == ("relu__other", "The sign is wrong.", "sign")
    assert module.changes[0].old is None
    assert module.changes[0].new.startswith("def relu(Z):")


def test_a_mistake_may_change_several_functions(tmp_path):
    (tmp_path / "a.toml").write_text(
        '[[mistake]]\nid = "x"\ntheme = "t"\nsummary = "s"\npointer = "p"\nloses = ["a", "b"]\nchanges = [\n'
        '  { function = "a", old = "1", new = "2" },\n  { function = "b.step", old = "3", new = "" },\n]\n'
    )
    [mistake] = read_mistakes(tmp_path)
    assert mistake.components == ("a", "b")


def test_a_hint_falls_back_to_the_next_lower_level(tmp_path):
    (tmp_path / "b.toml").write_text(TABLE)
    [mistake] = read_mistakes(tmp_path)
    assert [mistake.hint(level) for level in ("none", "nudge", "pointer", "explanation")] == [
        "",
        "",
        "Positive numbers become zero.",
        "Positive numbers become zero.",
    ]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.toml", "[[mistake", "a.toml is not valid TOML"),
        ("a.toml", TABLE.replace("loses", "lose"), "'lose' is not known. Is 'loses' meant?"),
        ("a.toml", TABLE.replace('id = "relu__negated"\n', ""), "'id' is missing"),
        ("a.toml", TABLE.replace('old = "Z"\n', ""), "'old' is missing"),
        ("a.toml", TABLE + TABLE, "two mistakes have the id 'relu__negated'"),
        ("a.toml", TABLE.replace('theme = "sign"\n', ""), "a.toml: mistake[1]: 'theme' is missing."),
        ("a.toml", TABLE.replace("pointer", "nudge"), "a.toml: mistake[1]: 'pointer' is missing."),
        (
            "a.toml",
            TABLE.replace('theme = "sign"', 'theme = ""'),
            "a.toml: mistake[1]: theme must be a text.",
        ),
        ("a.py", "def relu(:", "a.py is not valid Python: invalid syntax (a.py, line 1)."),
        ("a.py", MODULE.replace('theme = "sign"\n', ""), "a.py: 'theme' is missing."),
        ("a.py", MODULE.replace("pointer", "explanation"), "a.py: 'pointer' is missing."),
        ("a.py", '"""Nothing."""\n', "a.py defines no function"),
        ("a.py", MODULE + "\ntheme = some_name\n", "'theme' must be a plain text or list"),
        ("a.py", MODULE.replace("nudge", "nuge"), "'nuge' is not known"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, name, text, sentence):
    (tmp_path / name).write_text(text)
    with pytest.raises(GraderFault) as error:
        read_mistakes(tmp_path)
    assert sentence in str(error.value)
