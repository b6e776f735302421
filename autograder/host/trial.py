"""Tries whether a worker that is shut in still runs a submission: what closes too much would cost marks."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from autograder.errors import MachineFault
from autograder.host.connection import Worker
from autograder.host.ending import WorkerEnded
from autograder.host.pool import Zygote
from autograder.model.rubric import Limits

_PATIENCE_S = 30.0
# Modules that no worker has loaded before, one of them a library; files of its own.
_SOURCE = """\
import decimal, tempfile, numpy.polynomial, matplotlib
with tempfile.TemporaryFile() as file:
    file.write(b"x")
with open("own", "w") as file:
    file.write("x")
assert open("own").read() == "x"
"""


def runs(zygote: Zygote, limits: Limits, layers: dict[str, Any]) -> bool:
    """Whether an ordinary submission, a notebook if `zygote` is made for those, runs without an error.

    Parameters
    ----------
    zygote : Zygote
    limits : Limits
    layers : dict
        What the worker enters; see `Isolation.request`.
    """
    with tempfile.TemporaryDirectory(prefix="trial-") as top:
        scratch, sockets = Path(top, "work"), Path(top, "kernel")
        entry, is_notebook = scratch / "trial", zygote.preload == "notebook"
        scratch.mkdir()
        entry.write_text(_SOURCE)
        request = {
            "kind": "module",
            "name": "trial",
            "scratch": str(scratch),
            "entry": str(entry),
            "seed": 0,
            **layers,
        }
        if is_notebook:
            from autograder.host import notebook

            file = notebook.write_connection_file(sockets)
            request |= {"kind": "notebook", "connection_file": str(file), "sockets": [str(sockets)]}
        worker = None
        try:
            worker = Worker(zygote, request, limits)
            if is_notebook:
                found: Any = notebook.run(worker, file, _as_notebook(_SOURCE), limits, _PATIENCE_S)
            else:
                found = worker.ask({"do": "load", "path": str(entry)}, _PATIENCE_S)[0].get("value")
        except (WorkerEnded, MachineFault):
            return False
        finally:
            if worker is not None:
                worker.close()
    return isinstance(found, dict) and found.get("failed") == []


def _as_notebook(source: str) -> bytes:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()
