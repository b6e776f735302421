"""Runs a notebook's cells with nbclient in a worker that is a kernel.

nbclient talks to the worker over Unix sockets in its scratch folder.  Which kernel the notebook asks for does
not matter: the kernel is always our worker, run by this Python.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import re
import secrets
import signal
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

from autograder.errors import InvalidSubmission, MachineFault
from autograder.host import ending
from autograder.host.connection import Worker
from autograder.host.ending import WorkerEnded
from autograder.model.rubric import Limits

_MAX_TEXT = 300
_READY_PATIENCE_S = 30.0
_WATCH_S = 0.1
_MOST_FLOODS = 3  # cells that are stopped since they print too much; one more ends the notebook
_STOP_PATIENCE_S = 2.0
_ODD_MESSAGE = (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError)
_MOST_FRAMES, _MOST_TRACE = 100, 100_000
_COLOURS = re.compile(r"\x1b\[[\d;]*m")
_CELL_FILE = re.compile(r"\s*\(\d+\.py, line \d+\)$")  # IPython's name for a cell's code


def write_connection_file(folder: Path) -> Path:
    """Make a folder with the file that tells kernel and client their sockets and the key of their messages."""
    folder.mkdir()
    path = folder / "kernel.json"
    info = {
        **{
            f"{name}_port": number
            for number, name in enumerate(("shell", "iopub", "stdin", "control", "hb"), 1)
        },
        "ip": str(folder / "k"),
        "transport": "ipc",
        "key": secrets.token_hex(16),
        "signature_scheme": "hmac-sha256",
        "kernel_name": "grading",
    }
    path.write_text(json.dumps(info))
    path.chmod(0o600)
    return path


def run(
    worker: Worker, connection_file: Path, raw: bytes, limits: Limits, timeout_s: float
) -> dict[str, Any]:
    """Execute a notebook from top to bottom, then let the worker serve what it defines.

    Parameters
    ----------
    worker : Worker
        Started with kind ``notebook`` and the same connection file.
    connection_file : Path
        From `write_connection_file`.
    raw : bytes
        The notebook file, nbformat 3 or 4.
    limits : Limits
        Seconds per cell, bytes of output.
    timeout_s : float
        Wall-clock seconds for all cells together.

    Returns
    -------
    dict
        ``cells`` (number of code cells) and ``failed``, a list of descriptions with ``cell`` (1-based, among
        the code cells that hold code), ``type``, ``message``, ``line`` and ``code``.

    Raises
    ------
    WorkerEnded
        If the kernel died, ran out of time or printed too much.
    InvalidSubmission
        If nbformat cannot make sense of the file.
    """
    notebook = _parse(raw)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jupyter's own deprecations are not the user's business
        return asyncio.run(
            _run(worker, connection_file, notebook, limits, time.monotonic() + timeout_s, timeout_s)
        )


def _parse(raw: bytes) -> Any:
    nbformat: Any = importlib.import_module("nbformat")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # missing cell ids and the like are mended, not reported
        try:
            notebook = nbformat.reads(raw.decode("utf-8-sig"), as_version=4)
            for cell in notebook.cells:
                cell.setdefault("metadata", {})
                if isinstance(cell.source, list):
                    cell.source = "".join(cell.source)
                if cell.cell_type == "code":
                    cell.outputs = []
                    cell.execution_count = None
                    # Tags such as "raises-exception" or "skip-execution" are the student's, not ours.
                    cell.metadata = nbformat.NotebookNode()
        except Exception as error:
            raise InvalidSubmission(
                f"The notebook's format is damaged ({type(error).__name__}: {error})."
            ) from error
    notebook.metadata.pop("kernelspec", None)
    return notebook


async def _run(
    worker: Worker, connection_file: Path, notebook: Any, limits: Limits, deadline: float, timeout_s: float
) -> dict[str, Any]:
    manager = _manager(worker, connection_file)
    client = _client_class()(
        notebook, km=manager, timeout_func=lambda cell: limits.cell_s, output_limit=limits.output_bytes
    )
    client.kc = manager.client()
    # A larger message is refused before it is in our memory.
    client.kc.context.setsockopt(importlib.import_module("zmq").MAXMSGSIZE, limits.output_bytes)
    client.kc.start_channels(stdin=False)  # input() fails at once instead of waiting for a person
    try:
        await _ready(client.kc, worker, min(deadline, time.monotonic() + _READY_PATIENCE_S))
        failed, number, floods = [], 0, 0
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            number += 1
            began = time.monotonic()
            flooded = await _execute(client, worker, cell, index, deadline, may_flood=floods < _MOST_FLOODS)
            floods += flooded
            took_s = time.monotonic() - began
            failed += _describe(cell, client.reply, number, took_s, limits, flooded=flooded)
            cell.outputs = []  # not kept: they may be large
        from autograder.worker.notebook import SERVE

        client.kc.execute(SERVE, silent=True, store_history=False, allow_stdin=False)
        return {"cells": number, "failed": failed}
    except TimeoutError:
        raise worker.end(ending.timed_out(timeout_s, "The notebook")) from None
    except client.dead:
        raise worker.end(None, "The notebook") from None
    except _ODD_MESSAGE as error:
        # After the first cell the kernel's messages are the student's to make; nbclient does not expect that.
        raise worker.end(ending.broke_protocol("messages of another form", "The notebook")) from error
    finally:
        client.kc.stop_channels()
        # Else the context's destructor waits for messages that nobody will read.
        client.kc.context.destroy(linger=0)


async def _execute(
    client: Any, worker: Worker, cell: Any, index: int, deadline: float, *, may_flood: bool
) -> bool:
    """Run one cell, watching what it prints and writes and whether the kernel lives.

    Returns
    -------
    bool
        Whether it printed more than agreed: then it was interrupted, and what comes next is counted anew.
    """
    client.reply = {}
    running = asyncio.ensure_future(client.async_execute_cell(cell, index))
    loop = asyncio.get_running_loop()
    # What child processes print does not pass the kernel; in a full pipe they would wait for ever.
    loop.add_reader(worker.output_fd, _drain, worker, loop)
    stopped_at = 0.0
    try:
        while not running.done():
            now = time.monotonic()
            if now >= deadline:
                raise TimeoutError
            await asyncio.wait({running}, timeout=min(deadline - now, _WATCH_S))
            if not running.done() and not worker.is_alive():
                raise client.dead
            worker.drain()
            over = ending.flooded(client.output_limit, "The notebook") if client.is_flooded else None
            if over is None and may_flood and not stopped_at and worker.forgive_output():
                stopped_at = time.monotonic()
                if not running.done():
                    worker.signal(signal.SIGINT)
            over = over or worker.over_limit("The notebook")
            if stopped_at and not running.done() and time.monotonic() > stopped_at + _STOP_PATIENCE_S:
                over = over or ending.flooded(client.output_limit, "The notebook")
            if over is not None:
                raise worker.end(over)
        with suppress(client.failure):  # described from the kernel's reply
            running.result()
    finally:
        loop.remove_reader(worker.output_fd)
        running.cancel()
        with suppress(BaseException):
            await running
    return bool(stopped_at)


def _drain(worker: Worker, loop: asyncio.AbstractEventLoop) -> None:
    before = worker.output_size
    worker.drain()
    if worker.output_size == before:  # closed at the other end; it would be ready for ever
        loop.remove_reader(worker.output_fd)


async def _ready(kc: Any, worker: Worker, deadline: float) -> None:
    """Wait until the kernel answers and its messages reach us."""
    import queue

    while time.monotonic() < deadline:
        kc.kernel_info()
        try:
            await kc.get_shell_msg(timeout=1.0)
            # A subscriber that joins late misses messages: go on asking until one comes through.
            await kc.get_iopub_msg(timeout=0.02)
            return
        except queue.Empty:
            if worker.ended is not None:
                raise WorkerEnded(worker.ended) from None
            if not worker.is_alive():
                worker.drain()
                said = bytes(worker.output).decode("utf-8", "replace").splitlines() or ["it said nothing"]
                raise MachineFault(
                    f"the notebook's kernel ended while it started: {said[-1][:_MAX_TEXT]}"
                ) from None
    raise MachineFault("the notebook's kernel did not start")


def _describe(
    cell: Any, reply: dict[str, Any], number: int, took_s: float, limits: Limits, *, flooded: bool
) -> list[dict[str, Any]]:
    """What a cell's error output says, without the parts that differ from run to run."""
    # The output may be missing (no memory was left to send it), the reply may be (IPython's own magics).
    said = [o for o in cell.outputs if o.get("output_type") == "error"]
    output = next(filter(None, said or ([reply] if reply.get("status") == "error" else [])), None)
    if output is None and not flooded:
        return []
    kind = str(output.get("ename", ""))[:100] if output else "KeyboardInterrupt"
    message = _CELL_FILE.sub("", str(output.get("evalue", "")))[:_MAX_TEXT] if output else ""
    if kind == "KeyboardInterrupt" and flooded:
        kind, message = "Output", f"stopped after printing more than {limits.output_bytes / 1e6:g} MB"
    elif kind == "KeyboardInterrupt" and took_s >= limits.cell_s:
        kind, message = "Timeout", f"stopped after {limits.cell_s:g} seconds"
    names = re.findall(r"^(?:def|class) +(\w+)", cell.source, re.MULTILINE)[:50]
    code = _failed_line(cell.source, output, reply)
    return [
        {
            "cell": number,
            "type": kind,
            "message": message,
            "code": code[:200],
            **({"names": names} if names else {}),
        }
    ]


def _failed_line(source: str, output: dict[str, Any] | None, reply: dict[str, Any]) -> str:
    """The line of a cell in which the exception was raised, or that called what raised it; else the first one."""
    lines = source.splitlines()
    first = next((line.strip() for line in lines if line.strip()), "")
    trace = (output or {}).get("traceback")
    # From the kernel, in which the cell has run: it can name any line of its own cell, and no more.
    said = "\n".join(map(str, trace[-_MOST_FRAMES:]))[-_MOST_TRACE:] if isinstance(trace, list) else ""
    own = re.escape(str(reply.get("execution_count")))
    numbers = re.findall(rf"In\[{own}\], line (\d{{1,6}})", _COLOURS.sub("", said))
    at = int(numbers[-1]) if numbers else 0
    return lines[at - 1].strip() or first if 0 < at <= len(lines) else first


def _manager(worker: Worker, connection_file: Path) -> Any:
    """A kernel manager whose kernel is already running: our worker."""
    from jupyter_client.manager import AsyncKernelManager

    base: Any = importlib.import_module("jupyter_client.provisioning").KernelProvisionerBase

    class WorkerProvisioner(base):  # type: ignore[misc]
        """Lets jupyter_client signal and poll the worker; it never starts one."""

        @property
        def has_process(self) -> bool:
            return True

        async def poll(self) -> int | None:
            return None if worker.is_alive() else 1

        async def wait(self) -> int | None:
            return 0

        async def send_signal(self, signum: int) -> None:
            worker.signal(signum)

        async def kill(self, restart: bool = False) -> None:
            worker.close()

        async def terminate(self, restart: bool = False) -> None:
            worker.close()

        async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:
            raise NotImplementedError("the worker is running already")

        async def cleanup(self, restart: bool) -> None:
            return None

    manager = AsyncKernelManager(connection_file=str(connection_file))
    manager.load_connection_file()
    manager.provisioner = WorkerProvisioner(parent=manager)
    return manager


def _client_class() -> Any:
    from nbclient import NotebookClient
    from nbclient.exceptions import CellControlSignal, CellExecutionError, DeadKernelError
    from traitlets import Integer

    class BoundedClient(NotebookClient):
        """A client that goes on after errors, interrupts slow cells and keeps no more output than agreed."""

        output_limit = Integer(64 << 20)
        failure = (CellExecutionError, CellControlSignal)
        dead = DeadKernelError

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(
                *args, allow_errors=True, interrupt_on_timeout=True, store_widget_state=False, **kwargs
            )
            self.output_bytes = 0
            self.reply: dict[str, Any] = {}
            self.on_cell_executed = self.keep_reply
            self.allow_stdin = False
            self.reset_execution_trackers()

        @property
        def is_flooded(self) -> bool:
            return self.output_bytes > self.output_limit

        def keep_reply(self, cell: Any, cell_index: int, execute_reply: Any) -> None:
            content = execute_reply.get("content") if isinstance(execute_reply, dict) else None
            self.reply = content if isinstance(content, dict) else {}

        def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
            content = msg.get("content", {})
            self.output_bytes += (
                sum(len(str(v)) for v in content.values()) if isinstance(content, dict) else 0
            )
            # Streams and pictures are not looked at: only what a cell raises is kept.
            if msg.get("msg_type") in ("stream", "display_data", "execute_result", "update_display_data"):
                return None
            return super().process_message(msg, cell, cell_index)

    return BoundedClient
