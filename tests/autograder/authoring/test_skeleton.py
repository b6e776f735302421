"""A new homework is whole from the start: its own checks, mistake and template agree."""

import ast
import tomllib

import pytest

from autograder.assignment.load import load
from autograder.authoring.skeleton import module_name, write_skeleton
from autograder.authoring.template import write_template
from autograder.cli.main import grade_main, main
from autograder.errors import UsageError
from autograder.proving.prove import prove


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("sorting", "sorting"),
        ("Linear Algebra", "linear_algebra"),
        ("3-body", "homework_3_body"),
        ("Größe", "groe"),
        ("statistics", "statistics_homework"),
        ("numpy", "numpy_homework"),
        ("lambda", "lambda_homework"),
        ("check", "check_homework"),
        ("…", "homework"),
    ],
)
def test_a_module_is_named_after_the_folder_and_hides_no_other(folder, name):
    assert module_name(folder) == name
    assert name.isidentifier()


def test_a_module_in_the_current_folder_is_no_installed_one(tmp_path, monkeypatch):
    (tmp_path / "sorting.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    assert module_name("sorting") == "sorting"


@pytest.fixture
def new(tmp_path, monkeypatch):
    """A folder in which a new homework has been made."""
    monkeypatch.chdir(tmp_path)
    assert main(["new", "number-games"]) == 0
    return tmp_path / "number-games"


def test_the_homework_is_named_after_its_folder(new):
    assignment = load(new)
    assert (assignment.id, assignment.title, assignment.name) == (
        "number-games",
        "Number games",
        "number_games",
    )
    assert "--assignment number-games prove" in (new / "README.md").read_text("utf-8")


def test_every_file_is_written_out(new):
    files = [path for path in new.rglob("*") if path.is_file()]
    assert len(files) == 10
    for path in files:
        text = path.read_text("utf-8")
        assert "{{" not in text, path
        assert "NAME" not in path.name
        if path.suffix == ".py":
            ast.parse(text)
        elif path.suffix == ".toml":
            tomllib.loads(text)
    assert write_template(load(new), check=True) == [], "the template is up to date"


def test_its_reference_earns_everything_its_template_nothing_and_its_proof_holds(new, capsys):
    for submission, score in (("reference", "10 / 10"), ("template", "0 / 10")):
        command = ["--assignment", str(new), str(new / submission), "--quiet", "--output", str(new / "out")]
        assert grade_main(command) == 0
        assert capsys.readouterr().out.splitlines()[-1] == score
    proof = prove(new)
    assert proof.problems == []
    assert [variant.id for variant in proof.variants] == ["moving_average__sum"]
    assert proof.styles["loops"]["score"] == 10


def test_a_folder_that_is_there_is_refused(new, capsys):
    before = {path: path.read_bytes() for path in new.rglob("*") if path.is_file()}
    capsys.readouterr()
    assert main(["new", "number-games"]) == 2
    assert capsys.readouterr().err == "error: number-games exists already; give the name of a new folder.\n"
    assert {path: path.read_bytes() for path in new.rglob("*") if path.is_file()} == before


def test_the_folder_above_has_to_be_there(tmp_path):
    with pytest.raises(UsageError, match="does not exist; make it first"):
        write_skeleton(tmp_path / "nowhere" / "games", seed=1)


def test_every_homework_has_hidden_inputs_of_its_own(tmp_path):
    for name in ("one", "two"):
        assert main(["new", str(tmp_path / name)]) == 0
    assert load(tmp_path / "one").seed != load(tmp_path / "two").seed
