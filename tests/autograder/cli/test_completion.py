"""A shell can complete the options of ``grade.py``."""

import shutil
import subprocess

import pytest

from autograder.cli.main import main

ASK = 'COMP_WORDS=(grade.py "$1"); COMP_CWORD=1; _shtab_autograder; echo "${COMPREPLY[@]}"'


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash")
def test_bash_completes_an_option(capsys):
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    done = subprocess.run(
        ["bash", "-c", f"{script}\n{ASK}", "bash", "--isol"], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["--isolation"]


def test_another_shell_is_refused_with_those_that_are_known(capsys):
    assert main(["completion", "fish"]) == 2
    assert "bash" in capsys.readouterr().err
