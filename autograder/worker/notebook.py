"""Turns a worker into a notebook kernel, and the kernel into a server of its notebook's functions.

The kernel's five sockets are Unix sockets (transport ipc) in the worker's folder.  When the cells have run,
the grader has the kernel execute `SERVE`, which never returns: from then on the process answers frames like
any other worker.
"""

from __future__ import annotations

import importlib
import os
import socket
import sys
from typing import Any

from autograder.sandbox import enter
from autograder.worker import serve

SERVE = "__import__('autograder.worker.notebook', fromlist=['serve_cells']).serve_cells()"

_line: list[socket.socket] = []


def preload() -> None:
    """Import what a kernel needs, so that a forked one is ready at once."""
    # ipykernel imports the debugger while it starts (60 ms); a grading kernel needs none.
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    for name in ("IPython.core.completer", "ipykernel.ipkernel", "ipykernel.zmqshell", "zmq"):
        importlib.import_module(name)
    kernelapp: Any = importlib.import_module("ipykernel.kernelapp")
    # For the output of child processes ipykernel opens a TCP port on loopback, whatever the transport.
    original = kernelapp.IOPubThread

    def without_port(*args: Any, **kwargs: Any) -> Any:
        return original(*args, **{**kwargs, "pipe": False})

    kernelapp.IOPubThread = without_port


def run_kernel(connection_file: str, line: socket.socket, *, is_sealed: bool) -> None:
    """Be a kernel until the process ends.

    Parameters
    ----------
    connection_file : str
        Written by the grader: the paths of the sockets and the key that signs messages.
    line : socket
        To the grader, for the time after the cells.
    is_sealed : bool
        Whether sockets have to be closed off once the kernel has bound its own.
    """
    if "ipykernel" not in sys.modules:
        preload()
    _line.append(line)
    # Until its sockets are closed off the kernel must load nothing of the submission's: no startup file, no
    # configuration, no module that goes by the name of one that the kernel imports.
    scratch, own = os.getcwd(), os.path.dirname(connection_file)
    os.environ.update(JUPYTER_RUNTIME_DIR=own, IPYTHONDIR=own, JUPYTER_CONFIG_DIR=own, HOME=own)
    sys.path.remove(scratch)
    os.chdir(own)
    kernelapp: Any = importlib.import_module("ipykernel.kernelapp")
    # Cells print to the worker's pipe like any module, where it is counted: as messages it would pile up here.
    app = kernelapp.IPKernelApp.instance(outstream_class=None)
    app.initialize(["-f", connection_file, "--HistoryManager.enabled=False", "--IPKernelApp.parent_handle=0"])
    if is_sealed:
        enter.close_sockets()
    os.chdir(scratch)
    os.environ["HOME"] = scratch
    sys.path.insert(0, scratch)
    app.shell.ask_exit = _go_on
    app.start()


def _go_on() -> None:
    """What ``exit()`` in a cell does: else the kernel would end some time during the cells that follow."""


def serve_cells() -> None:
    """Answer the grader's requests with what the cells have defined; never returns."""
    from IPython import get_ipython

    shell: Any = get_ipython()
    serve.serve(_line[0], shell.user_ns)
