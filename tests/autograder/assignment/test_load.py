"""The assignment file and what it names, read or refused with one sentence."""

import pytest

from autograder.assignment.load import load
from autograder.authoring.template import public_arrays
from autograder.checking.fixtures import Fixtures
from autograder.checking.in_process import InProcessSession
from autograder.errors import GraderFault


def test_an_assignment_is_loaded_with_all_its_places(homework):
    found = load(homework)
    assert (found.id, found.title, found.version, found.seed, found.name) == (
        "small",
        "A small homework",
        "1",
        7,
        "hw",
    )
    assert found.reference == homework / "reference/hw.py"
    assert [c.id for c in found.rubric.checks] == ["double", "add.values", "add.hidden"]
    assert len(found.digest) == 64


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('id = "small"\n', "", "assignment.toml: 'id' is missing."),
        ('id = "small"', "id = 3", "assignment.toml: id must be a text."),
        ("seed = 7", 'seed = "7"', "assignment.toml: seed must be a number of at least 0."),
        ("seed = 7", "seed = -7", "assignment.toml: seed must be a number of at least 0."),
        ("seed = 7", "seed = inf", "assignment.toml: seed must be a number of at least 0."),
        ("seed = 7", "sed = 7", "assignment.toml: 'seed' is missing."),
        ("seed = 7", "seed = 7\nsede = 8", "assignment.toml: 'sede' is not known. Is 'seed' meant?"),
        ('checks = "checks"', 'checks = "cheks"', "assignment.toml: checks = 'cheks' does not exist."),
        (
            'data = "data"',
            'data = "/nowhere/data"',
            "assignment.toml: data = '/nowhere/data' does not exist.",
        ),
        ('rubric = "rubric.toml"', 'rubric = "rubrik.toml"', "rubric = 'rubrik.toml' does not exist."),
        ('rubric = "rubric.toml"', 'rubric = "data"', "data cannot be read (Is a directory)"),
        ("seed = 7", "seed 7", "assignment.toml is not valid TOML: "),
        ("seed = 7", 'seed = 7\nfiles = "a.npz"', "assignment.toml: files must be a list of texts."),
        ("seed = 7", 'seed = 7\nfiles = ["../a.npz"]', "files: '../a.npz' is not the plain name of a file."),
    ],
)
def test_each_kind_of_slip_is_one_sentence(homework, edit, old, new, sentence):
    edit("assignment.toml", old, new)
    with pytest.raises(GraderFault) as caught:
        load(homework)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_template_need_not_exist(homework, edit):
    edit("assignment.toml", 'template = "template"', 'template = "not made yet"')
    assert load(homework).template == homework / "not made yet"


def test_a_homework_may_have_no_data(homework, edit):
    whole = load(homework)
    edit("assignment.toml", 'data = "data"\n', "")
    found = load(homework)
    assert (whole.data, found.data) == (homework / "data", None)
    assert public_arrays(found.data) == {}
    with pytest.raises(LookupError, match="the assignment has no 'data'"):
        Fixtures(found, InProcessSession({}), 0).data("numbers")


def test_an_assignment_file_is_needed(tmp_path):
    with pytest.raises(GraderFault, match=r"assignment\.toml does not exist"):
        load(tmp_path)


def test_a_file_where_a_folder_is_needed_is_one_sentence(homework):
    with pytest.raises(GraderFault, match=r"assignment\.toml cannot be read"):
        load(homework / "rubric.toml")


def test_files_that_are_no_text_are_refused(homework):
    (homework / "rubric.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(GraderFault, match=r"rubric\.toml is not valid TOML"):
        load(homework)


@pytest.mark.parametrize("written", ["../elsewhere", "{tmp_path}/elsewhere"])
def test_the_parts_may_lie_outside_of_the_assignments_folder(homework, edit, tmp_path, written):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/x.txt").write_text("1")
    edit("assignment.toml", 'data = "data"', f'data = "{written.format(tmp_path=tmp_path)}"')
    assert load(homework).data.samefile(tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("rubric.toml", "points = 2", "points = 3"),
        ("reference/hw.py", "2 * x", "x * 2"),
        ("checks/test_small.py", "1e6", "1e5"),
        ("data/numbers.txt", "1 2 3", "1 2 4"),
        ("assignment.toml", "seed = 7", "seed = 8"),
    ],
)
def test_the_digest_covers_what_a_score_depends_on(homework, edit, name, old, new):
    before = load(homework).digest
    edit(name, old, new)
    assert load(homework).digest != before


def test_the_digest_does_not_depend_on_the_place_or_on_compiled_files(homework, tmp_path):
    before = load(homework).digest
    (homework / "checks/__pycache__").mkdir()
    (homework / "checks/__pycache__/test_small.pyc").write_bytes(b"x")
    moved = tmp_path / "moved"
    homework.rename(moved)
    assert load(moved).digest == before


def test_the_late_policy_and_comments_change_no_mark(homework):
    rubric = homework / "rubric.toml"
    before, text = load(homework).digest, rubric.read_text("utf-8")
    rubric.write_text(f"# a comment\n{text}", "utf-8")
    assert load(homework).digest == before
    rubric.write_text(
        f'{text}\n[late]\npolicy = "per_day"\ndue = 2026-03-01T12:00:00\nper_day = 10\n', "utf-8"
    )
    assert load(homework).digest == before
    rubric.write_text(text.replace("points = ", "points = 1", 1), "utf-8")
    assert load(homework).digest != before


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("[training.add]\nfull = 1", ""),
        ("[training.ad]\nfull = 1", "rubric.toml: [training.ad] is not known: no check asks for 'ad'."),
        (
            "[training.add]\nful = 1",
            "rubric.toml: [training.add]: ful is not known: no check asks for 'ful'.",
        ),
    ],
)
def test_numbers_of_trainings_that_no_check_asks_for_are_refused(homework, written, sentence):
    with (homework / "rubric.toml").open("a", encoding="utf-8") as rubric:
        rubric.write(f"\n{written}\n")
    (homework / "checks/test_training.py").write_text("def f(settings):\n    settings[\"add\"]['full']\n")
    if sentence:
        with pytest.raises(GraderFault) as caught:
            load(homework)
        assert str(caught.value) == sentence
    else:
        assert load(homework).rubric.training == {"add": {"full": 1}}


@pytest.mark.parametrize("name", ["assignment.toml", "rubric.toml"])
def test_a_byte_order_mark_is_no_content(homework, name):
    before = load(homework)
    (homework / name).write_bytes(b"\xef\xbb\xbf" + (homework / name).read_bytes())
    assert load(homework).rubric == before.rubric
