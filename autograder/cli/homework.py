"""Which assignment is meant when none is named."""

from __future__ import annotations

import os
import sysconfig

_FILE = "assignment.toml"


def default() -> str:
    """The folder of the assignment that a command is about.

    In a copy of the project it is the project's own, from wherever it is called.  Installed, it is that of the
    current folder or of the nearest one above, and where there is none, the homework that was installed along
    (``data_files`` of ``setup.py``, below ``sysconfig``'s ``data``).
    """
    project = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if os.path.isfile(os.path.join(project, _FILE)):
        return project
    folder = os.getcwd()
    while not os.path.isfile(os.path.join(folder, _FILE)):
        if os.path.dirname(folder) == folder:
            return os.path.join(sysconfig.get_path("data"), "share", "autograder", "homework")
        folder = os.path.dirname(folder)
    return folder
