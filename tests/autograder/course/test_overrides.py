"""An override is taken as it stands or refused with one sentence that names the entry."""

from datetime import date, datetime

import pytest

from autograder.course import overrides
from autograder.course.overrides import Override, read
from autograder.errors import ExitCode, UsageError
from tests.autograder.course.class_run import assignment

RUBRIC = assignment().rubric
GOOD = {
    "student": '"ada"',
    "check": '"add.values"',
    "points": "0.25",
    "comment": '"the sign of the lecture"',
    "who": '"M. Instructor"',
    "when": "2026-11-20",
}


def entry(**changes):
    fields = {**GOOD, **changes}
    return "[[overrides]]\n" + "".join(f"{k} = {v}\n" for k, v in fields.items() if v is not None)


def read_text(folder, text):
    (folder / overrides.FILE).write_text(text, "utf-8")
    return read(folder, {"ada", "007"}, RUBRIC)


def test_no_file_means_no_overrides(tmp_path):
    assert read(tmp_path, {"ada"}, RUBRIC) == ()


def test_overrides_are_read_in_their_order(tmp_path):
    text = entry() + entry(student='"007"', check='"score"', points="3.5", when="2026-11-20T10:30:00+01:00")
    text += entry(check='"late"', points="0", comment='"ill 🤒, \\"see mail\\""')
    first, second, third = read_text(tmp_path, text)
    assert first == Override(
        "ada", "add.values", 0.25, "the sign of the lecture", "M. Instructor", date(2026, 11, 20)
    )
    assert (second.student, second.check, second.points) == ("007", "score", 3.5)
    assert isinstance(second.when, datetime)
    assert (third.check, third.comment) == ("late", 'ill 🤒, "see mail"')


def test_the_example_in_the_documentation_is_one(tmp_path):
    _, _, text = overrides.__doc__.partition("::\n\n")
    text = "".join(line[4:] for line in text.partition("\n\n")[0].splitlines(keepends=True))
    (found,) = read_text(tmp_path, text)
    assert (found.student, found.check, found.when) == ("ada", "double", datetime(2026, 11, 20, 10, 30))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (entry(student='"adda"'), "nobody has the id 'adda', is 'ada' meant?"),
        (entry(student='"zoe"'), "nobody has the id 'zoe'."),
        (entry(student="7"), "student must be a text."),
        (entry(check='"add.value"'), "there is no check 'add.value', is 'add.values' meant?"),
        (entry(check='"zzz"'), "there is no check 'zzz'; 'score' sets the whole, 'late' the deduction."),
        (entry(points="1.01"), "1.01 points, but there are 1 at most."),
        (entry(check='"score"', points="4"), "4 points, but there are 3.5 at most."),
        (entry(points="-1"), "points must be a number of at least 0."),
        (entry(points="nan"), "points must be a number of at least 0."),
        (entry(points='"1"'), "points must be a number of at least 0."),
        (entry(points="0.125"), "points = 0.125 has more than two decimals."),
        (entry(when='"yesterday"'), "when must be a date, like 2026-11-20 without quotes."),
        (entry(when="10:30:00"), "when must be a date, like 2026-11-20 without quotes."),
        (entry(comment='""'), "comment must be a text."),
        *((entry(**{name: None}), f"'{name}' is missing.") for name in GOOD),
        (entry(why='"so"'), "'why' is not known. Is 'who' meant?"),
        (entry() + entry(points="1"), "'add.values' of 'ada' is set twice; keep the entry that counts."),
        ("[overrides]\n", "overrides must be a list of tables, written [[overrides]]."),
        ("[[override]]\n", "'override' is not known. Is 'overrides' meant?"),
        ("[[overrides]\n", "is not valid TOML"),
    ],
)
def test_what_cannot_be_applied_is_refused_in_one_sentence(tmp_path, text, sentence):
    with pytest.raises(UsageError) as caught:
        read_text(tmp_path, text)
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("overrides.toml")
    assert caught.value.exit_code == ExitCode.USAGE


def test_the_sentence_names_the_entry(tmp_path):
    with pytest.raises(UsageError, match=r"overrides\[2\] \('double' of 'ada'\): 9 points"):
        read_text(tmp_path, entry() + entry(check='"double"', points="9"))
