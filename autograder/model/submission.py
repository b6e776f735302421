"""One student's handed-in work, read and not run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Submission:
    """What a student handed in, as bytes."""

    id: str
    """Name for reports: the file's or folder's."""
    kind: str
    """``module`` or ``notebook``."""
    entry: str
    """Path of the file that counts, inside `files`."""
    files: Mapping[str, bytes] = field(repr=False)
    """The entry and what lies beside it, by relative path with forward slashes."""
    is_template: bool = False
    """Nothing was changed since the template was handed out."""
    notes: tuple[str, ...] = ()
    """What was noticed while reading it."""

    @property
    def digest(self) -> str:
        """SHA-256 over the paths and contents of all files."""
        total = hashlib.sha256()
        for path in sorted(self.files):
            for part in (path.encode("utf-8", "surrogateescape"), self.files[path]):
                total.update(len(part).to_bytes(8, "big") + part)
        return total.hexdigest()
