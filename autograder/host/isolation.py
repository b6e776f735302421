"""Says what shut the workers in."""

from __future__ import annotations

import sys
from typing import Any


def in_force() -> dict[str, Any]:
    """The level word and what it is made of, for the report.

    Returns
    -------
    dict
        ``level`` is ``process only``: student code runs in a process of its own with resource limits, a fixed
        environment and no descriptor of the grader's; files and network of the machine are not closed off.
    """
    return {
        "level": "process only",
        "properties": {
            "separate_process": True,
            "clean_environment": True,
            "limits": True,
            "leftovers_killed": sys.platform == "linux",
            "files_closed": False,
            "network_closed": False,
        },
    }
