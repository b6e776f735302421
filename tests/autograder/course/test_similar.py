"""Copies are found and independent work is not; passages lie where they say."""

import argparse
import dataclasses
import json
import random
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.cli import similar as cli
from autograder.course import similar
from autograder.course.fingerprints import fingerprints
from autograder.course.similar import LONG, THRESHOLD, Block, Place, Source, blocks, find_pairs, handed_out
from autograder.errors import UsageError
from tests.autograder.course import made_copies

TEMPLATE = made_copies.ROOT / "student_template"
OTHERS = ("einsum", "lists_and_scalars", "own_module")


@pytest.fixture(scope="module")
def solutions():
    return made_copies.solutions()


@pytest.fixture(scope="module")
def handout():
    return handed_out(TEMPLATE)


def module(name, text, *, is_known=False):
    return Source(name, (Block("mlp.py", text),), is_known)


def statements(seed, count=120, first="f"):
    """A module that shares nothing with that of another seed, but for chance."""
    rng = random.Random(seed)
    operands = ("x", "1", "'a'", "None", "True", "False", "...", "[x]", "{x}", "x.x")
    operators = ("+", "-", "*", "/", "@", "%", "**", "//", "<<", ">>", "&", "|", "^")
    terms = (f"{rng.choice(operands)} {rng.choice(operators)}" for _ in range(6 * count))
    lines = [f"def {first}(x):", *(f"    x = {' '.join(islice(terms, 6))} 1" for _ in range(count))]
    return "\n".join([*lines, ""])


@pytest.mark.parametrize("model", ["loops", "keyword_only_helpers"])
@pytest.mark.parametrize("way", made_copies.WAYS)
def test_a_disguised_copy_is_found(solutions, handout, way, model):
    copy = made_copies.WAYS[way](solutions[model], random.Random(7))
    members = [module(name, solutions[name]) for name in (*OTHERS, model)]
    found = find_pairs([*members, module("copy", copy)], handout)
    assert [(p.left, p.right) for p in found.pairs] == [(model, "copy")]
    assert found.pairs[0].passages


def test_who_takes_half_is_found_with_both(solutions, handout):
    taken = made_copies.take(solutions["einsum"], solutions["loops"], 0.5, random.Random(7))
    members = [module(name, solutions[name]) for name in (*OTHERS, "loops")]
    found = find_pairs([*members, module("taker", taken)], handout)
    assert {(p.left, p.right) for p in found.pairs} == {("einsum", "taker"), ("loops", "taker")}


def test_one_long_function_is_enough(solutions, handout):
    taken = made_copies.take(solutions["einsum"], solutions["loops"], 0.05, random.Random(3))
    members = [module(name, solutions[name]) for name in ("lists_and_scalars", "own_module", "loops")]
    found = find_pairs([*members, module("taker", taken)], handout)
    assert [(p.left, p.right) for p in found.pairs] == [("loops", "taker")]
    assert found.pairs[0].share < THRESHOLD
    assert found.pairs[0].passages[0].weight >= LONG


def test_independent_solutions_are_not_listed(solutions, handout):
    found = find_pairs([module(name, text) for name, text in solutions.items()], handout)
    assert (found.pairs, found.compared) == ((), 14)
    assert 0 < found.usual < 0.05


def test_beginners_are_not_listed_for_what_everybody_writes_first(solutions, handout):
    part = {name: made_copies.first_functions(text, 5) for name, text in solutions.items()}
    assert find_pairs([module(name, text) for name, text in part.items()], handout).pairs == ()


def test_what_is_handed_out_does_not_count(handout):
    texts = [(TEMPLATE / name).read_bytes() for name in ("mlp.py", "mlp.ipynb", "plots.py")]
    files = [*blocks("mlp.py", texts[0]), *blocks("mlp.ipynb", texts[1]), *blocks("plots.py", texts[2])]
    found = find_pairs([Source("ada", tuple(files)), Source("ben", tuple(files))], handout, threshold=0)
    assert all(pair.share == 0 for pair in found.pairs)


def test_a_notebook_is_found_in_a_module(solutions, handout):
    cells = blocks("mlp.ipynb", made_copies.to_notebook(solutions["loops"]))
    found = find_pairs([module("ada", solutions["loops"]), Source("ben", tuple(cells))], handout)
    assert found.pairs[0].share > 0.9
    assert {p.left.cell for p in found.pairs[0].passages} == {None}
    assert len({p.right.cell for p in found.pairs[0].passages}) > 10


def test_what_most_hold_is_no_evidence():
    common = statements(0)
    members = [module(f"s{i}", common + statements(i, 60, "g")) for i in range(1, 11)]
    assert find_pairs(members, ()).pairs == ()
    copied = [module(f"copy{i}", common + statements(1, 60, "g")) for i in range(2)]
    found = find_pairs([*members[1:], *copied], ())
    assert [(p.left, p.right) for p in found.pairs] == [("copy0", "copy1")]
    assert all(p.left.first > 121 for p in found.pairs[0].passages)


def test_copies_of_a_known_solution_are_found_however_many_they_are():
    known = module("the reference", statements(1), is_known=True)
    members = [module(f"s{i}", statements(1, first=f"f{i}")) for i in range(6)]
    found = find_pairs([*members, module("alone", statements(2)), known], ())
    assert sorted((p.left, p.right) for p in found.pairs) == [(f"s{i}", "the reference") for i in range(6)]
    assert all(p.share == p.left_share == 1 and p.passages for p in found.pairs)
    assert found.common == tuple(f"s{i}" for i in range(6))


def test_what_most_have_copied_from_one_another_is_said(capsys):
    members = [module(f"s{i}", statements(1)) for i in range(6)]
    sources = [*members, *(module(f"a{i}", statements(10 + i)) for i in range(4))]
    found = find_pairs(sources, ())
    assert (found.pairs, found.common) == ((), tuple(f"s{i}" for i in range(6)))
    text = " ".join(cli.render(found, sources, 200).split())
    assert "6 submissions share 80% of their code or more with one another." in text
    assert "No pair stands out" not in text


def test_a_ring_of_five_in_a_class_of_forty_is_found():
    ring = [module(f"ring{i}", statements(0) + statements(i, 30, "g")) for i in range(1, 6)]
    found = find_pairs([*ring, *(module(f"s{i}", statements(i)) for i in range(10, 45))], ())
    assert len(found.pairs) == 10
    assert all(p.left.startswith("ring") and p.right.startswith("ring") for p in found.pairs)


def test_what_is_known_is_compared_with_submissions_only():
    old = [module(f"old{i}", statements(1), is_known=True) for i in range(2)]
    members = [module("ada", statements(1)), *(module(f"s{i}", statements(i)) for i in range(2, 10))]
    found = find_pairs([*old, *members], ())
    assert {(p.left, p.right) for p in found.pairs} == {("ada", "old0"), ("ada", "old1")}
    assert found.compared == 9


def test_padding_does_not_hide_a_copy():
    found = find_pairs(
        [module("ada", statements(1)), module("ben", statements(1) + statements(2, 400, "g"))], ()
    )
    pair = found.pairs[0]
    assert (pair.share, pair.left_share) == (1, 1)
    assert pair.right_share < 0.3


def test_passages_lie_where_they_say():
    shared = statements(0, 20, "shared")
    left, right = statements(1) + shared, shared.replace("x", "y") + statements(2)
    found = find_pairs([module("ada", left), module("ben", right)], (), threshold=0.1)
    (passage,) = found.pairs[0].passages
    # A function's header does not count.
    assert passage.left == Place("mlp.py", None, 123, 142)
    assert passage.right == Place("mlp.py", None, 2, 21)
    assert left.split("\n")[122:142] == [line.replace("y", "x") for line in right.split("\n")[1:21]]


def test_neighbouring_stretches_are_one_passage():
    lines = statements(0, 20).split("\n")
    lines[10] = "    print(x)"
    found = find_pairs([module("ada", statements(0, 20)), module("ben", "\n".join(lines))], (), threshold=0.1)
    assert [(p.left.first, p.left.last) for p in found.pairs[0].passages] == [(2, 21)]


def test_a_passage_stays_within_a_cell():
    cells = tuple(Block("mlp.ipynb", statements(i, 10), i) for i in (1, 2))
    found = find_pairs([Source("ada", cells), Source("ben", cells)], (), threshold=0.1)
    assert {(p.left.cell, p.right.cell) for p in found.pairs[0].passages} == {(1, 1), (2, 2)}


def test_broken_code_is_compared():
    lines = statements(0).split("\n")
    lines[40] = "    x = ((x + 'never closed"
    lines[80] = "  else wrong (]"
    found = find_pairs([module("ada", statements(0)), module("ben", "\n".join(lines))], ())
    assert found.pairs[0].share > 0.9


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbfgr\xc3\xb6\xc3\x9fe = 1 + 2 * 3 - 4",
        "größe = 1 + 2 * 3 - 4".encode("utf-16"),
        "# coding: latin-1\ngröße = 1 + 2 * 3 - 4".encode("latin-1"),
        "# coding: no-such-thing\ngröße = 1 + 2 * 3 - 4".encode(),
        b"# \xff\xfe\x00\ng = 1 + 2 * 3 - 4",
        b"# coding: hex\ng = 1 + 2 * 3 - 4",
        b"# coding: idna\ng = 1 + 2 * 3 - 4",
    ],
    ids=["bom", "utf-16", "latin-1", "unknown", "none", "hex", "idna"],
)
def test_any_encoding_is_read(raw):
    texts = [block.text for block in blocks("mlp.py", raw)]
    assert np.array_equal(fingerprints(texts).values, fingerprints(["g = 1 + 2 * 3 - 4"]).values)


def test_magics_and_help_are_left_out_of_a_notebook(notebook):
    raw = notebook("%matplotlib inline\nx = 1\n!ls", "train?", "y = x % 2")
    assert [(b.cell, b.text.split()) for b in blocks("mlp.ipynb", raw)] == [
        (1, ["x", "=", "1"]),
        (2, []),
        (3, ["y", "=", "x", "%", "2"]),
    ]
    assert blocks("mlp.ipynb", b"<html>") == []


def test_a_table_of_numbers_is_no_long_passage():
    table = f"TABLE = [{'0.5, ' * 5000}]\n"
    found = find_pairs([module(f"s{i}", statements(i) + table) for i in range(2)], ())
    assert found.pairs == ()


def test_generated_code_is_cut_and_said():
    found = find_pairs([module("ada", statements(1, 4000)), module("ben", statements(2))], ())
    assert found.notes == ("ada: only the beginning of its code was compared.",)


def test_passages_of_the_first_pairs_only():
    members = [module(f"s{i}", statements(0) + statements(i, 10, "g")) for i in range(1, 4)]
    known = [module(f"k{i}", statements(10 + i), is_known=True) for i in range(20)]
    found = find_pairs([*members, *known], (), looked_through=2)
    assert [bool(pair.passages) for pair in found.pairs] == [True, True, False]


@pytest.mark.parametrize("texts", [[], [""], ["", ""], ["x = 1", "x = 1"]])
def test_nothing_much_gives_no_pair(texts):
    found = find_pairs([module(str(i), text) for i, text in enumerate(texts)], ())
    assert (found.pairs, found.compared) == ((), len(texts))


@given(st.lists(st.text(alphabet="ab=+-*()[]:\n 'd", max_size=60), max_size=6), st.randoms())
def test_shares_are_shares_in_any_order(texts, rng):
    sources = [module(f"s{i}", text * 4) for i, text in enumerate(texts)]
    found = find_pairs(sources, (), threshold=0)
    for pair in found.pairs:
        assert 0 <= max(pair.left_share, pair.right_share) <= 1.0001 and 0 <= pair.share <= 1.0001
    shares = {frozenset((p.left, p.right)): p.share for p in found.pairs}
    again = find_pairs(rng.sample(sources, len(sources)), (), threshold=0)
    assert {frozenset((p.left, p.right)): p.share for p in again.pairs} == pytest.approx(shares)


@pytest.fixture
def submissions(tmp_path: Path, solved):
    """A class of the small homework: ben has ada's work, cy handed in a notebook of his own."""
    folder = tmp_path / "submissions"
    longer = {
        "ada": statements(1, 60, "helper"),
        "ben": statements(1, 60, "other"),
        "cy": statements(2, 60, "helper"),
    }
    for name, text in longer.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "hw.py").write_text(solved + text)
    return folder


def options(homework, submissions, out=None):
    return argparse.Namespace(
        assignment=str(homework), submissions=str(submissions), json=str(out) if out else None
    )


def test_the_command_shows_pairs_side_by_side(homework, submissions, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")  # wide enough for both lines
    assert cli.run(options(homework, submissions)) == 0
    text = capsys.readouterr().out
    assert " ".join(cli.CAVEAT.split()) in " ".join(text.split())
    assert "3 submissions were compared" in text
    assert "ada, ben" in text and "cy" not in text
    code = (submissions / "ada" / "hw.py").read_text().splitlines()[13].strip()
    row = next(line for line in text.splitlines() if line.startswith("   14  x = "))
    assert row.count(f"14  {code}") == 2


def test_the_command_writes_json(homework, submissions, tmp_path, capsys):
    assert cli.run(options(homework, submissions, tmp_path / "pairs.json")) == 0
    written = json.loads((tmp_path / "pairs.json").read_text("utf-8"))
    assert written["caveat"] == cli.CAVEAT
    (pair,) = written["pairs"]
    assert (pair["left"], pair["right"], pair["share"]) == ("ada", "ben", 1.0)
    assert pair["passages"][0]["left"] == {"file": "hw.py", "cell": None, "first": 13, "last": 72}
    with pytest.raises(UsageError, match="cannot be written"):
        cli.run(options(homework, submissions, tmp_path / "no" / "pairs.json"))


def test_the_command_says_what_is_not_compared(homework, submissions, capsys):
    (submissions / "cy" / "hw.py").write_bytes(b"\0\1\2 is no text")
    cli.run(options(homework, submissions))
    assert "cy: not compared." in capsys.readouterr().out


def test_the_solution_itself_is_recognised(homework, submissions, capsys):
    own = statements(5, 60, "helper")
    for path in (homework / "reference" / "hw.py", submissions / "cy" / "hw.py"):
        path.write_text(path.read_text() + own)
    cli.run(options(homework, submissions))
    assert "cy, the reference" in capsys.readouterr().out


def test_code_cannot_move_the_cursor(homework, submissions, capsys):
    for name in ("ada", "ben"):
        path = submissions / name / "hw.py"
        path.write_text(
            path.read_text().replace("x +", "x +\t\x1b[2J", 1).replace("def helper", "x = '\x1b[2J'")
        )
    cli.run(options(homework, submissions))
    assert "\x1b" not in capsys.readouterr().out


def test_no_submissions_are_wrong_usage(homework, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError):
        cli.run(options(homework, tmp_path / "empty"))


def test_a_group_is_one(homework, submissions):
    from autograder.assignment.load import load
    from autograder.course.find import find as find_class

    assignment = load(homework)
    attempt = find_class(submissions, assignment, unpack=submissions.parent / "unpacked").attempts[0]
    other = dataclasses.replace(attempt, student=dataclasses.replace(attempt.student, id="zoe"))
    sources, notes = cli.read_all([attempt, other], assignment)
    assert ([source.name for source in sources], notes) == (["ada + zoe"], [])


def test_modules_beside_the_entry_belong_to_it():
    from autograder.model.submission import Submission

    files = {"layers.py": b"x = 1", "hw.py": b"y = 2", "notes.txt": b"z", "old.ipynb": b"{}"}
    made = similar.source(Submission("ada", "module", "hw.py", files), "ada")
    assert [block.file for block in made.blocks] == ["hw.py", "layers.py"]
