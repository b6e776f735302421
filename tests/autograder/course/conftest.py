"""Classes that are handed in."""

import pytest

from autograder.model.attempt import Attempt, Class, Student


@pytest.fixture
def hand_in(tmp_path):
    """Makes a class: ``hand_in(ada="source", bob=["first", "second"])``."""

    def made(**sources):
        attempts = []
        for name, texts in sources.items():
            for number, text in enumerate([texts] if isinstance(texts, str) else texts, 1):
                folder = tmp_path / "submissions" / name / str(number)
                folder.mkdir(parents=True)
                (folder / "hw.py").write_text(text)
                attempts.append(Attempt(Student(name), folder, number))
        return Class(tuple(attempts), "folders")

    return made
