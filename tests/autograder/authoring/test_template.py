"""What students start from is up to date, complete, and holds nothing of the solution."""

import ast
import dataclasses
import importlib.util
import inspect
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment.load import load
from autograder.authoring.template import handout_modules, public_arrays, write_notebook, write_template
from autograder.cli.main import main
from autograder.errors import GraderFault

ROOT = Path(__file__).parents[3]
ASSIGNMENT = load(ROOT)
REFERENCE = ASSIGNMENT.reference.read_text("utf-8")
MODULE = ASSIGNMENT.template / "mlp.py"
NOTEBOOK = ASSIGNMENT.template / "mlp.ipynb"


@pytest.fixture
def assignment(tmp_path):
    """The homework with a copy of its reference, and no template yet."""
    shutil.copytree(
        ASSIGNMENT.reference.parent, tmp_path / "reference", ignore=shutil.ignore_patterns("__pycache__")
    )
    reference = tmp_path / "reference" / "mlp.py"
    return dataclasses.replace(
        ASSIGNMENT,
        root=tmp_path,
        reference=reference,
        data=reference.parent / "data",
        template=tmp_path / "student_template",
    )


def names(paths):
    return [path.name for path in paths]


def public_functions():
    """Full name, node and task number of every function that students write."""
    for node in ast.parse(REFERENCE).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node.name, node, ast.get_docstring(node).split()[0]
        elif isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and (
                    method.name == "__init__" or method.name[0] != "_"
                ):
                    task = ast.get_docstring(method) or ast.get_docstring(node)
                    yield f"{node.name}.{method.name}", method, task.split()[0]


FUNCTIONS = list(public_functions())


def solution_lines():
    """Lines of all bodies after the docstring, private functions included, without the trivial ones."""
    lines = REFERENCE.splitlines()
    for node in ast.walk(ast.parse(REFERENCE)):
        if isinstance(node, ast.FunctionDef):
            start = node.body[0].end_lineno if ast.get_docstring(node) else node.body[0].lineno - 1
            yield from (line.strip() for line in lines[start : node.end_lineno] if len(line.strip()) > 20)


def test_the_template_is_what_the_reference_gives():
    assert write_template(ASSIGNMENT, check=True) == [], "run: python -m autograder template"


def test_the_template_holds_modules_notebook_and_data(assignment):
    written = write_template(assignment)
    expected = ["data/digits.npz", "data/moons.npz", "data/regression.npz", "data/spirals.npz"]
    expected += ["framework.py", "mlp.ipynb", "mlp.py", "plots.py"]
    assert sorted(path.relative_to(assignment.template).as_posix() for path in written) == expected


def test_writing_twice_changes_nothing(assignment, tmp_path):
    write_template(assignment)
    assert write_template(assignment) == []
    elsewhere = dataclasses.replace(assignment, template=tmp_path / "again")
    for path in write_template(elsewhere):
        assert path.read_bytes() == (assignment.template / path.relative_to(elsewhere.template)).read_bytes()


def test_a_changed_docstring_makes_module_and_notebook_stale(assignment):
    write_template(assignment)
    assignment.reference.write_text(
        REFERENCE.replace("Labels as one-hot rows", "One row for each label"), "utf-8"
    )
    before = (assignment.template / "mlp.py").read_bytes()
    assert names(write_template(assignment, check=True)) == ["mlp.py", "mlp.ipynb"]
    assert (assignment.template / "mlp.py").read_bytes() == before
    assert names(write_template(assignment)) == ["mlp.py", "mlp.ipynb"]
    assert write_template(assignment, check=True) == []


def test_a_changed_solution_leaves_the_template_alone(assignment):
    write_template(assignment)
    changed = REFERENCE.replace("return X @ W + b", "return b + X @ W")
    assert changed != REFERENCE
    assignment.reference.write_text(changed, "utf-8")
    assert write_template(assignment, check=True) == []


def test_a_template_edited_by_hand_is_stale(assignment):
    write_template(assignment)
    with (assignment.template / "plots.py").open("a", encoding="utf-8") as plots:
        plots.write("# mine\n")
    assert names(write_template(assignment, check=True)) == ["plots.py"]


def test_only_modules_marked_as_handout_are_handed_out(assignment):
    (assignment.reference.parent / "extra.py").write_text("# handout\n# %%\nprint('extra')\n", "utf-8")
    (assignment.reference.parent / "solution_notes.py").write_text("x = 1\n# handout\n", "utf-8")
    assert names(handout_modules(assignment.reference)) == ["extra.py", "framework.py", "plots.py"]
    assert "extra.py" in names(write_template(assignment))
    notebook = json.loads((assignment.template / "mlp.ipynb").read_text("utf-8"))
    assert ["print('extra')"] in [cell["source"] for cell in notebook["cells"]]


@pytest.mark.parametrize(("name", "node", "task"), FUNCTIONS, ids=[name for name, _, _ in FUNCTIONS])
def test_every_function_of_the_template_says_that_it_is_not_written(template_module, name, node, task):
    function = template_module
    for part in name.split("."):
        function = getattr(function, part)
    required = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
    with pytest.raises(NotImplementedError) as raised:
        function(*[None] * len(required))
    assert str(raised.value) == f"{task} {name}"
    assert function.__doc__ == ast.get_docstring(node, clean=False)
    assert list(inspect.signature(function).parameters) == [a.arg for a in node.args.args]


@pytest.fixture(scope="module")
def template_module():
    spec = importlib.util.spec_from_file_location("student_template_mlp", MODULE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", [MODULE, NOTEBOOK], ids=["module", "notebook"])
def test_no_line_of_the_solution_is_in_the_template(path):
    text = path.read_text("utf-8")
    if path == NOTEBOOK:
        text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
        plots = [m.read_text("utf-8").splitlines() for m in handout_modules(ASSIGNMENT.reference)]
        given = {line.strip() for lines in plots for line in lines}
    else:
        given = set()
    present = {line.strip() for line in text.splitlines()} - given
    lines = set(solution_lines())
    assert len(lines) > 150
    assert lines.isdisjoint(present)


def test_no_private_name_of_the_solution_is_in_the_template():
    tree = ast.parse(REFERENCE)
    private = {
        n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name.strip("_") != "init"
    }
    private = {name for name in private if name.startswith("_")}
    assert "_forward" in private
    assert private.isdisjoint(re.findall(r"\w+", MODULE.read_text("utf-8")))


def test_what_stays_is_the_authors_text_line_by_line():
    kept = [
        line for line in MODULE.read_text("utf-8").splitlines() if 'raise NotImplementedError("' not in line
    ]
    source = iter(REFERENCE.splitlines())
    assert all(line in source for line in kept)  # a subsequence: each `in` goes on where the last one stopped
    markdown = [line for line in REFERENCE.splitlines() if line.startswith("#")]
    assert [line for line in kept if line.startswith("#")] == markdown


def test_students_get_the_public_arrays_and_no_others():
    for name, keys in json.loads((ASSIGNMENT.data / "public.json").read_text("utf-8")).items():
        with np.load(ASSIGNMENT.template / "data" / f"{name}.npz") as given:
            assert sorted(given.files) == sorted(keys)
    with np.load(ASSIGNMENT.data / "digits.npz") as everything:
        assert "X_test" in everything.files
    assert list(public_arrays(ASSIGNMENT.data)["digits"]) == ["X_train", "y_train"]


def test_equal_arrays_are_not_written_again(assignment):
    write_template(assignment)
    path = assignment.template / "data" / "moons.npz"
    np.savez(path, **public_arrays(assignment.data)["moons"])  # not compressed: other bytes, same arrays
    before = path.read_bytes()
    assert write_template(assignment) == []
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [
        lambda path, arrays: np.savez(path, **{**arrays, "X_val": arrays["X_val"] + 1e-9}),
        lambda path, arrays: np.savez(path, **{**arrays, "y_val": arrays["y_val"].astype(float)}),
        lambda path, arrays: np.savez(path, X_train=arrays["X_train"]),
        lambda path, arrays: np.savez(path, **arrays, hidden=arrays["X_val"]),
        lambda path, arrays: path.write_bytes(b"not an archive"),
        lambda path, arrays: path.write_bytes(b""),
        lambda path, arrays: path.unlink(),
    ],
    ids=["value", "dtype", "missing key", "added key", "damaged", "empty", "missing"],
)
def test_a_data_file_with_other_arrays_is_stale(assignment, damage):
    write_template(assignment)
    damage(assignment.template / "data" / "moons.npz", public_arrays(assignment.data)["moons"])
    assert names(write_template(assignment, check=True)) == ["moons.npz"]
    assert names(write_template(assignment)) == ["moons.npz"]
    assert write_template(assignment, check=True) == []


def test_a_data_set_that_is_no_longer_public_is_removed(assignment):
    write_template(assignment)
    listing = assignment.data / "public.json"
    keys = json.loads(listing.read_text("utf-8"))
    del keys["moons"]
    listing.write_text(json.dumps(keys), "utf-8")
    path = assignment.template / "data" / "moons.npz"
    assert write_template(assignment, check=True) == [path]
    assert path.exists()
    assert write_template(assignment) == [path]
    assert not path.exists()


def test_without_a_list_no_array_is_public(assignment):
    (assignment.data / "public.json").unlink()
    assert public_arrays(assignment.data) == {}


@pytest.mark.parametrize("content", ["[", "[1]", '{"moons": 3}', '{"moons": ["Z"]}', '{"stars": ["X"]}'])
def test_a_wrong_list_of_public_arrays_is_the_graders_fault(assignment, content):
    (assignment.data / "public.json").write_text(content, "utf-8")
    with pytest.raises(GraderFault, match=r"^public\.json "):
        public_arrays(assignment.data)


def test_the_command_tells_what_is_stale_and_writes_it(assignment, capsys):
    for name in ("assignment.toml", "rubric.toml"):
        shutil.copy(ROOT / name, assignment.root)
    for folder in ("tests/corpus/correct", "reference/mistakes"):
        (assignment.root / folder).mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "tests/checks", assignment.root / "tests/checks", dirs_exist_ok=True)
    command = ["--assignment", str(assignment.root), "template"]
    assert main([*command, "--check"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[0] == "student_template/mlp.py is missing: run python -m autograder template."
    assert main(command) == 0
    assert "wrote student_template/mlp.ipynb" in capsys.readouterr().out.splitlines()
    assert main([*command, "--check"]) == 0
    (assignment.template / "mlp.py").write_text("", "utf-8")
    capsys.readouterr()
    assert main([*command, "--check"]) == 1
    assert capsys.readouterr().err == "student_template/mlp.py is stale: run python -m autograder template.\n"


def test_the_notebook_command_writes_the_solved_notebook(tmp_path, capsys):
    assert main(["notebook", str(tmp_path / "solved.ipynb")]) == 0
    write_notebook(ASSIGNMENT, tmp_path / "same.ipynb")
    assert (tmp_path / "solved.ipynb").read_bytes() == (tmp_path / "same.ipynb").read_bytes()
    capsys.readouterr()
    assert main(["notebook", str(tmp_path / "solved.py")]) == 2
    assert main(["notebook", str(tmp_path / "nowhere" / "solved.ipynb")]) == 2
    assert [line.split()[0] for line in capsys.readouterr().err.splitlines()] == ["error:", "error:"]
