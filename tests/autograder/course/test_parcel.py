"""An assignment that was sent is the same assignment."""

import pickle
import shutil

from autograder.assignment.load import load
from autograder.course.parcel import pack


def sent(homework, tmp_path):
    parcel = pickle.loads(pickle.dumps(pack(homework, load(homework).digest)))
    return parcel, parcel.lay(tmp_path / "there")


def test_it_has_the_same_digest_there(homework, tmp_path):
    (homework / "data/empty").mkdir()
    parcel, there = sent(homework, tmp_path)
    assert load(there).digest == parcel.digest == load(homework).digest
    assert (there / "data/empty").is_dir()
    assert (there / "template/hw.py").read_bytes() == (homework / "template/hw.py").read_bytes()


def test_what_is_no_part_of_it_stays_here(homework, tmp_path):
    (homework / "submissions").mkdir()
    (homework / "submissions/ada.py").write_text("")
    (homework / "checks/__pycache__").mkdir()
    (homework / "checks/__pycache__/test_small.pyc").write_text("")
    _, there = sent(homework, tmp_path)
    assert sorted(p.name for p in there.iterdir()) == [
        "assignment.toml",
        "checks",
        "data",
        "reference",
        "rubric.toml",
        "template",
    ]
    assert not (there / "checks/__pycache__").exists()


def test_a_part_may_lie_outside_of_the_folder(homework, tmp_path, edit):
    shutil.move(homework / "checks", tmp_path / "checks")
    edit("assignment.toml", 'checks = "checks"', 'checks = "../checks"')
    parcel, there = sent(homework, tmp_path)
    assert load(there).digest == parcel.digest
    assert there == tmp_path / "there" / homework.name
