"""The notebooks are valid, say the same as the modules, and the solved one runs from top to bottom."""

import ast
import json
import shutil
from pathlib import Path

import matplotlib as mpl
import nbformat
import pytest
from matplotlib import pyplot as plt

from autograder.assignment.load import load
from autograder.authoring.notebook import to_notebook
from autograder.authoring.source import Cell
from autograder.authoring.template import handout_modules, write_notebook

ROOT = Path(__file__).parents[3]
ASSIGNMENT = load(ROOT)
PLOTS = (ASSIGNMENT.reference.parent / "plots.py").read_text("utf-8")
FIGURES = PLOTS.count("\ndraw(")


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    path = tmp_path_factory.mktemp("notebook") / "solved.ipynb"
    write_notebook(ASSIGNMENT, path)
    return path


@pytest.fixture
def notebook(request, solved):
    return solved if request.param == "solved" else ASSIGNMENT.template / "mlp.ipynb"


@pytest.fixture
def beside_data(tmp_path, monkeypatch):
    """Run beside the students' data, and put the drawing library back afterwards."""
    shutil.copytree(ASSIGNMENT.template / "data", tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    backend = mpl.get_backend()
    yield
    plt.close("all")
    mpl.use(backend)


def code_cells(path):
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def run_cells(path):
    namespace = {"__name__": "__main__"}
    for number, code in enumerate(code_cells(path), 1):
        exec(compile(code, f"cell {number}", "exec"), namespace)
    return namespace


def statements(source):
    """What a module executes, apart from its docstring and the cells that notebooks leave out."""
    kept = []
    for block in source.split("# %%")[1:]:
        mark, _, code = block.partition("\n")
        if not mark.strip():
            kept += [ast.dump(node) for node in ast.parse(code).body]
    return kept


@pytest.mark.parametrize("notebook", ["solved", "template"], indirect=True)
def test_a_notebook_is_valid_and_clean(notebook):
    content = nbformat.read(notebook, as_version=nbformat.NO_CONVERT)
    nbformat.validate(content)
    assert (content.nbformat, content.nbformat_minor) == (4, 5)
    assert content.metadata.kernelspec.name == "python3"
    assert len({cell.id for cell in content.cells}) == len(content.cells)
    for cell in content.cells:
        assert cell.source.strip()
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("notebook", ["solved", "template"], indirect=True)
def test_a_notebook_has_the_modules_code_in_the_same_order(notebook, request):
    is_solved = notebook.name == "solved.ipynb"
    module = ASSIGNMENT.reference if is_solved else ASSIGNMENT.template / "mlp.py"
    expected = statements(module.read_text("utf-8"))
    for beside in handout_modules(ASSIGNMENT.reference):
        expected += statements(beside.read_text("utf-8"))
    found = [ast.dump(node) for code in code_cells(notebook) for node in ast.parse(code).body]
    assert found == expected


@pytest.mark.parametrize("notebook", ["solved", "template"], indirect=True)
def test_every_definition_has_its_own_code_cell(notebook):
    for code in code_cells(notebook):
        kinds = [type(node) for node in ast.parse(code).body]
        assert sum(kind in (ast.FunctionDef, ast.ClassDef) for kind in kinds) <= 1


def test_both_notebooks_have_the_same_text(solved):
    def text(path):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]

    assert text(solved) == text(ASSIGNMENT.template / "mlp.ipynb")
    assert text(solved)[0].startswith("# A multi-layer perceptron from scratch\n\nIn this homework")


def test_a_changed_cell_leaves_the_ids_of_the_others_alone():
    def ids(*texts):
        return [c["id"] for c in json.loads(to_notebook([Cell("code", t) for t in texts]))["cells"]]

    before, after = ids("a = 1", "b = 2", "b = 2"), ids("a = 1", "c = 3", "b = 2", "b = 2")
    assert len(set(before)) == 3
    assert [after[0], *after[2:]] == before


def test_the_solved_notebook_runs_from_top_to_bottom(solved, beside_data, capsys):
    mpl.use("svg")  # shows nothing, like Agg; on Agg the cells would not draw
    run_cells(solved)
    assert capsys.readouterr().out == ""  # nothing skipped, nothing failed
    figures = [plt.figure(number) for number in plt.get_fignums()]
    assert len(figures) == FIGURES
    for figure in figures:
        assert figure.get_suptitle()
        for axes in figure.axes:
            assert axes.axison is False or (axes.get_xlabel() and axes.has_data())


def test_the_template_notebook_runs_and_tells_what_is_not_written(beside_data, capsys):
    mpl.use("svg")
    run_cells(ASSIGNMENT.template / "mlp.ipynb")
    told = capsys.readouterr().out.splitlines()
    assert len(told) == FIGURES
    assert told[0] == "skipped: 1.1 one_hot is not written yet (figure gradients_of_layers)"
    assert all(line.startswith("skipped: ") for line in told)


def test_a_notebook_run_where_nothing_can_be_shown_spends_no_time_on_figures(solved, beside_data, capsys):
    mpl.use("Agg")  # as the grader runs notebooks
    run_cells(solved)
    assert plt.get_fignums() == []
    assert capsys.readouterr().out.count("not drawn") == FIGURES
