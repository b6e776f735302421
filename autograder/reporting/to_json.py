"""Writes a report as ``report.json``, whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from autograder.errors import MachineFault, UsageError

_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}


def write(report: dict[str, Any], folder: Path) -> Path:
    """Write ``report.json`` into a folder, which is made if need be.

    Raises
    ------
    UsageError
        If the folder cannot be made or written to.
    MachineFault
        If the disk is full or broken.
    """
    text = json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return write_text(text, folder / "report.json", "the report")


def write_text(text: str, path: Path, what: str = "the file") -> Path:
    """Write a file, whole or not at all; its folder is made if need be, and `what` names it in messages.

    Raises
    ------
    UsageError
        If the folder cannot be made or written to.
    MachineFault
        If the disk is full or broken.
    """
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Renamed into place: a reader sees the old file or the new one, never a half.
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{path.stem}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        if error.errno in _DISK:
            raise MachineFault(f"{what} could not be written: {error.strerror}") from error
        raise UsageError(
            f"{what} cannot be written to {folder} ({error.strerror}); choose another --output."
        ) from error
    return path
