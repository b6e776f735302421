"""Which file of a submission counts, whatever form it was handed in as."""

import dataclasses
import io
import os
import socket
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.errors import InvalidSubmission, UsageError
from autograder.intake import read as intake
from autograder.intake.read import read

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="such names exist on Linux file systems only")


@pytest.fixture
def hand_in(tmp_path, assignment):
    """Reads a submission that is a folder with these files: ``hand_in({"hw.py": "..."})``."""

    def submit(files, entry=None):
        folder = tmp_path / "ada"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read(folder, assignment, entry)

    return submit


def refusal(function, *args, **kwargs):
    with pytest.raises((InvalidSubmission, UsageError)) as caught:
        function(*args, **kwargs)
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def test_a_folder_with_a_module(hand_in, solved):
    found = hand_in({"hw.py": solved, "helper.py": "x = 1", "data/a.txt": "1"})
    assert (found.id, found.kind, found.entry, found.is_template) == ("ada", "module", "hw.py", False)
    assert set(found.files) == {"hw.py", "helper.py", "data/a.txt"}


def test_a_folder_with_a_notebook(hand_in, notebook, solved):
    found = hand_in({"hw.ipynb": notebook(solved)})
    assert (found.kind, found.entry, found.is_template, found.notes) == ("notebook", "hw.ipynb", False, ())


@pytest.mark.parametrize(
    "name", ["hw.py", "renamed (2).py", "HW.PY", "hw.ipynb", "hw1 (2).ipynb", "Übung.ipynb"]
)
def test_a_single_file(tmp_path, assignment, notebook, solved, name):
    path = tmp_path / name
    path.write_bytes(notebook(solved) if name.endswith("ipynb") else solved.encode())
    found = read(path, assignment)
    assert (found.id, found.entry) == (tmp_path.name if path.stem.lower() == "hw" else path.stem, name)
    assert found.kind == ("notebook" if name.endswith("ipynb") else "module")


@pytest.mark.parametrize("name", ["hw.py", "ada/hw.py", "ada/src/hw.py"])
def test_a_zip(tmp_path, assignment, solved, name):
    path = tmp_path / "ada.ZIP"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(name, solved)
        file.writestr("__MACOSX/ada/._hw.py", "x")
    found = read(path, assignment)
    assert (found.id, found.kind, found.entry) == ("ada", "module", "hw.py")


def test_the_same_files_have_the_same_digest_in_any_form(tmp_path, hand_in, assignment, solved):
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x/hw.py", solved)
        file.writestr("x/b.txt", "1")
    assert read(path, assignment).digest == hand_in({"b.txt": "1", "hw.py": solved}).digest


def test_the_digest_changes_with_names_and_contents(hand_in, solved):
    digests = {
        hand_in({"hw.py": solved}).digest,
        hand_in({"a.txt": "1"}).digest,
        hand_in({"a.txt": "2"}).digest,
    }
    assert len(digests) == 3


def test_a_report_written_beside_the_work_is_no_part_of_it(hand_in, solved):
    before = hand_in({"hw.py": solved}).digest
    assert hand_in({"results/ada/report.json": "{}"}).digest == before


@pytest.mark.parametrize(
    ("module", "notebook_code", "entry", "is_template"),
    [
        ("solved", "template", "hw.py", False),
        ("template", "solved", "hw.ipynb", False),
        ("template", "template", "hw.py", True),
    ],
)
def test_of_module_and_notebook_the_changed_one_counts(
    hand_in, homework, solved, notebook, module, notebook_code, entry, is_template
):
    sources = {"solved": solved, "template": (homework / "template/hw.py").read_text()}
    books = {"solved": notebook(solved), "template": (homework / "template/hw.ipynb").read_bytes()}
    found = hand_in({"hw.py": sources[module], "hw.ipynb": books[notebook_code]})
    assert (found.entry, found.is_template) == (entry, is_template)


def test_module_and_notebook_both_changed_need_a_choice(hand_in, notebook, solved):
    files = {"hw.py": solved, "hw.ipynb": notebook(solved)}
    assert refusal(hand_in, files) == (
        "ada holds several files with work in them (hw.ipynb and hw.py); choose with --entry FILE."
    )
    assert hand_in(files, entry="hw.py").kind == "module"
    assert hand_in(files, entry="hw.ipynb").kind == "notebook"


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b.replace(
            b'"outputs": []', b'"outputs": [{"output_type": "stream", "name": "stdout", "text": "a"}]'
        ),
        lambda b: b.replace(
            b'"metadata": {}, "nbformat"', b'"metadata": {"kernelspec": {"name": "x"}}, "nbformat"'
        ),
        lambda b: b"\xef\xbb\xbf" + b.replace(b"\\n", b"\\r\\n"),
        lambda b: b.replace(b'"execution_count": null', b'"execution_count": 7'),
    ],
)
def test_outputs_and_metadata_do_not_make_a_notebook_another_one(hand_in, homework, change):
    raw = (homework / "template/hw.ipynb").read_bytes()
    assert change(raw) != raw
    assert hand_in({"hw.ipynb": change(raw)}).is_template


def test_line_ends_and_marks_do_not_make_a_module_another_one(hand_in, template):
    assert hand_in(
        {"hw.py": b"\xef\xbb\xbf" + template.replace("\n", "  \r\n").encode() + b"\n\n"}
    ).is_template


@pytest.mark.parametrize(
    ("names", "entry"),
    [
        (["hw1 (2).ipynb"], "hw1 (2).ipynb"),
        (["Copy of hw.ipynb", "helper.py"], "Copy of hw.ipynb"),
        (["HW.ipynb", "other.ipynb"], "HW.ipynb"),
        (["hw.ipynb", "old/hw.ipynb"], "hw.ipynb"),
        (["deep/er/hw.ipynb", "deep/er/old/hw.py"], "hw.ipynb"),
        (["only.py"], "only.py"),
    ],
)
def test_renamed_and_nested_files_are_found(hand_in, notebook, solved, names, entry):
    files = {n: notebook(solved) if n.endswith("ipynb") else solved for n in names}
    assert hand_in(files).entry == entry


def test_several_notebooks_need_a_choice(hand_in, notebook, solved):
    files = {"a.ipynb": notebook(solved), "b.ipynb": notebook(solved)}
    assert "(a.ipynb and b.ipynb); choose with --entry FILE" in refusal(hand_in, files)


def test_what_lies_above_the_entry_is_left_out(hand_in, solved):
    assert set(hand_in({"src/hw.py": solved, "src/a.txt": "1", "notes.txt": "2"}).files) == {"hw.py", "a.txt"}


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("nope.py", "--entry nope.py: there is no such file in ada."),
        ("notes.txt", "--entry notes.txt: a module (.py) or a notebook (.ipynb) is needed."),
    ],
)
def test_an_entry_that_cannot_count_is_a_usage_error(hand_in, solved, entry, sentence):
    assert refusal(hand_in, {"hw.py": solved, "notes.txt": "x"}, entry=entry) == sentence


def test_an_exact_entry_comes_before_one_in_a_folder(tmp_path, assignment, solved):
    path = tmp_path / "ada.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a/hw.py", "deep = 1")
        file.writestr("hw.py", solved)
    assert read(path, assignment, "hw.py").files["hw.py"] == solved.encode()


def test_an_assignments_name_may_have_capitals(hand_in, assignment, tmp_path, solved):
    hand_in({"HW.py": solved, "a_helper.py": solved, "i_helper.py": solved})
    assert read(tmp_path / "ada", dataclasses.replace(assignment, name="HW")).entry == "HW.py"


def test_an_empty_folder_is_refused(hand_in):
    assert refusal(hand_in, {}) == "ada holds neither hw.py nor hw.ipynb; hand in one of them."


def test_a_folder_named_by_a_dot_is_named_in_messages(tmp_path, assignment, monkeypatch):
    (tmp_path / "ada").mkdir()
    monkeypatch.chdir(tmp_path / "ada")
    assert refusal(read, Path("."), assignment).startswith("ada holds neither")


def test_a_path_that_does_not_exist_is_a_usage_error(tmp_path, assignment):
    sentence = refusal(read, tmp_path / "nope", assignment)
    assert sentence == f"{tmp_path}/nope does not exist; give the folder or file that was handed in."


@pytest.mark.parametrize("path", ["x" * 300, "hw.py/inside", "a/" * 3000])
def test_a_path_that_cannot_be_looked_at_is_a_usage_error(tmp_path, assignment, path):
    (tmp_path / "hw.py").write_text("")
    assert "; give the folder or file that was handed in." in refusal(read, tmp_path / path, assignment)


@pytest.mark.parametrize("name", ["hw.txt", "hw", "hw.tar.gz", "hw.rar", ".zip"])
def test_another_kind_of_file_is_a_usage_error(tmp_path, assignment, name):
    (tmp_path / name).write_text("x")
    assert refusal(read, tmp_path / name, assignment) == (
        f"{name} cannot be graded; hand in a folder, a .py, a .ipynb or a .zip of one."
    )


HTML = b"\n<!DOCTYPE html><html><head><title>hw</title></head></html>"
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("hw.ipynb", HTML, "The notebook is a saved web page of Jupyter"),
        ("hw.ipynb", LFS, "The notebook is a Git LFS pointer"),
        ("hw.ipynb", b"", "The notebook is an empty file"),
        ("hw.ipynb", b"not json", "The notebook is damaged"),
        ("hw.py", HTML, "hw.py is a saved web page, not a Python file"),
        ("hw.py", LFS, "hw.py is a Git LFS pointer"),
        ("hw.py", b"\x7fELF\0\0", "hw.py is not a text file."),
        ("hw.py", b'{"cells": []}', "hw.py holds a notebook; rename it to end in .ipynb."),
    ],
)
def test_a_file_that_is_something_else_is_refused(hand_in, name, content, sentence):
    assert refusal(hand_in, {name: content}).startswith(sentence)


@pytest.mark.parametrize(
    "content", [b"", b"# nothing\n", "x = 'ü'".encode("utf-16"), b"\xff\xfe", b"\xe9 = 1"]
)
def test_an_odd_module_is_handed_on_as_it_is(hand_in, content):
    assert hand_in({"hw.py": content}).files["hw.py"] == content


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        (b"", ("hw.py is empty.",)),
        (b"\xef\xbb\xbf\n", ("hw.py is empty.",)),
        (b"x = 1\n# \xfc\n", ("hw.py is not UTF-8 text (line 2); it was read as Windows-1252.",)),
        (b"# coding: nonsense\n", ("hw.py is not in the encoding that it declares; it was read as UTF-8.",)),
        (b"# coding: latin-1\n# \xfc\n", ()),
        ("x = 'ü'".encode("utf-16"), ()),
    ],
)
def test_what_is_odd_about_a_module_is_remarked(hand_in, content, notes):
    assert hand_in({"hw.py": content}).notes == notes


@pytest.mark.parametrize("other", ["hw (1).py", "solution.py", "sub/solution.py", "hw (1).ipynb"])
@pytest.mark.parametrize("untouched", ["hw.py", "hw.ipynb"])
def test_the_only_file_that_was_written_counts_whatever_it_is_called(
    hand_in, homework, notebook, solved, other, untouched
):
    work = notebook(solved) if other.endswith("ipynb") else solved
    found = hand_in(
        {
            untouched: (homework / "template" / untouched).read_bytes(),
            other: work,
            "plots.py": "def plot(): pass",
        }
    )
    assert (found.entry, found.is_template) == (other.rpartition("/")[2], False)


def test_other_files_with_work_in_them_are_named(hand_in, solved):
    remark = "solution.py holds code of the homework, too (double, add); hw.py was graded."
    other = solved + "\n# an older one\n"
    assert hand_in({"hw.py": solved, "solution.py": other}).notes == (remark,)
    assert hand_in({"solution.py": other}, entry="hw.py").notes == ()
    assert hand_in({"hw.py": "from solution import double\n", "solution.py": other}).notes == ()
    assert hand_in({"solution.py": "def double(x):\n    raise NotImplementedError\n"}).notes == ()


def test_an_empty_notebook_is_graded_with_a_remark(hand_in, notebook):
    assert hand_in({"hw.ipynb": notebook()}).notes == ("The notebook has no code.",)


def test_folders_that_tools_make_are_left_out(hand_in, solved):
    tools = (
        "__pycache__/hw.cpython.pyc",
        ".git/config",
        ".ipynb_checkpoints/hw-checkpoint.ipynb",
        ".venv/a/b.py",
    )
    assert set(hand_in({"hw.py": solved, **dict.fromkeys(tools, "x")}).files) == {"hw.py"}


def test_links_pipes_and_sockets_in_a_folder_are_left_out(hand_in, tmp_path, assignment, solved, monkeypatch):
    (tmp_path / "secret.py").write_text("key = 1")
    hand_in({"hw.py": solved, "sub/a.txt": "1"})
    folder = tmp_path / "ada"
    (folder / "link.py").symlink_to(tmp_path / "secret.py")
    (folder / "dangling.py").symlink_to("nowhere")
    (folder / "loop").symlink_to(folder)
    (folder / "outside").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.py")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(folder)  # a socket's path must be short
        listener.bind("socket.py")
        assert set(read(folder, assignment).files) == {"hw.py", "sub/a.txt"}


@pytest.mark.parametrize("name", ["hw.py", "hw.ipynb", "hw.zip", "hw"])
def test_a_pipe_is_not_waited_for(tmp_path, assignment, name):
    os.mkfifo(tmp_path / name)
    assert (
        refusal(read, tmp_path / name, assignment)
        == f"{name} is no file; give the folder or file that was handed in."
    )


def test_a_link_given_as_the_submission_is_followed(tmp_path, assignment, hand_in, solved):
    hand_in({"hw.py": solved})
    (tmp_path / "latest").symlink_to(tmp_path / "ada")
    (tmp_path / "latest.py").symlink_to(tmp_path / "ada/hw.py")
    found = read(tmp_path / "latest", assignment)
    assert found.id == "ada"
    assert found.notes == ("latest is a link; ada, which it leads to, was graded.",)
    found = read(tmp_path / "latest.py", assignment)
    assert found.files["latest.py"] == solved.encode()
    assert found.notes == ("latest.py is a link; hw.py, which it leads to, was graded.",)
    (tmp_path / "class").symlink_to(tmp_path)
    assert read(tmp_path / "class" / "ada", assignment).notes == (), "only the submission itself is meant"


@linux_only
@pytest.mark.parametrize(
    "name", [b"two\nlines.txt", b"\xff\xfe.txt", "日本語.txt".encode(), b"-rf", b"a\\b.txt"]
)
def test_odd_names_are_kept(hand_in, tmp_path, solved, name):
    hand_in({"hw.py": solved})
    with open(os.path.join(os.fsencode(tmp_path / "ada"), name), "wb") as file:
        file.write(b"x")
    found = hand_in({})
    assert os.fsdecode(name) in found.files
    assert len(found.digest) == 64


def test_too_many_files_are_refused(hand_in, monkeypatch, solved):
    monkeypatch.setattr(intake, "MAX_FILES", 3)
    assert "ada holds more than 3 files" in refusal(hand_in, {f"{i}.py": solved for i in range(4)})


def test_too_many_bytes_are_refused(hand_in, tmp_path, assignment, monkeypatch, solved):
    monkeypatch.setattr(intake, "MAX_TOTAL_BYTES", 2 << 20)
    hand_in({"hw.py": solved})
    with open(tmp_path / "ada/huge.bin", "wb") as file:
        file.truncate(3 << 20)
    assert "hand in the homework's files only" in refusal(read, tmp_path / "ada", assignment)
    (tmp_path / "ada/huge.bin").rename(tmp_path / "huge.py")
    assert refusal(read, tmp_path / "huge.py", assignment) == "huge.py is larger than 2 MB."


def test_folders_that_are_too_deep_are_refused(hand_in, tmp_path, assignment, solved):
    hand_in({"hw.py": solved})
    os.makedirs(tmp_path / "ada" / ("d/" * 700))
    assert refusal(read, tmp_path / "ada", assignment) == "ada holds folders that are too deep."


def test_nothing_of_a_submission_is_run(hand_in, tmp_path):
    mark = tmp_path / "was run"
    source = f"open({str(mark)!r}, 'w')"
    hand_in({"hw.py": source, "conftest.py": source, "sitecustomize.py": source, "__init__.py": source})
    assert not mark.exists()


def test_a_damaged_zip_is_refused(tmp_path, assignment):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as file:
        file.writestr("hw.py", "x" * 100)
    (tmp_path / "ada.zip").write_bytes(raw.getvalue()[:-30])
    assert "ada.zip is not a zip that can be read" in refusal(read, tmp_path / "ada.zip", assignment)
