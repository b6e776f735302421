"""Reads the entries of a TOML table, each with a clear sentence when it is missing, mistyped or unknown."""

from __future__ import annotations

import difflib
import math
import tomllib
from pathlib import Path
from typing import Any

from autograder.errors import GraderFault

_MISSING = object()


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file.

    Raises
    ------
    GraderFault
        If it does not exist, cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))  # Windows' Notepad puts a byte order mark in front
    except FileNotFoundError:
        raise GraderFault(f"{path} does not exist: an assignment needs it.") from None
    except OSError as error:
        raise GraderFault(f"{path} cannot be read ({error.strerror}); an assignment needs it.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GraderFault(f"{path.name} is not valid TOML: {error}.") from error


class Table:
    """A TOML table whose entries are taken out one by one.

    Parameters
    ----------
    content : dict
        As `tomllib` parsed it.
    where : str
        Names the table in messages.
    """

    def __init__(self, content: Any, where: str) -> None:
        if not isinstance(content, dict):
            raise GraderFault(f"{where}: a table is needed here.")
        self.content = content
        self.where = where
        self._taken: set[str] = set()

    def text(self, name: str, default: Any = _MISSING, among: tuple[str, ...] = ()) -> str:
        """A string, of `among` if given."""
        value = self._take(name, default)
        if not isinstance(value, str) or not value:
            raise GraderFault(f"{self.where}: {name} must be a text.")
        if among and value not in among:
            raise GraderFault(f"{self.where}: {name} = '{value}' is none of {', '.join(among)}.")
        return value

    def words(self, name: str, default: Any = _MISSING) -> str:
        """A string, empty or not."""
        value = self._take(name, default)
        if not isinstance(value, str):
            raise GraderFault(f"{self.where}: {name} must be a text.")
        return value

    def number(self, name: str, default: Any = _MISSING, least: float = 0.0) -> float:
        """A number not below `least`."""
        value = self._take(name, default)
        # Written so that NaN fails; TOML knows infinity, too.
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value < math.inf:
            bound = f" of at least {least:g}" if least > -math.inf else ""
            raise GraderFault(f"{self.where}: {name} must be a number{bound}.")
        return value

    def truth(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self._take(name, default)
        if not isinstance(value, bool):
            raise GraderFault(f"{self.where}: {name} must be true or false.")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings, empty by default."""
        value = self._take(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise GraderFault(f"{self.where}: {name} must be a list of texts.")
        return tuple(value)

    def tables(self, name: str) -> list[Table]:
        """An array of tables."""
        value = self._take(name, [])
        if not isinstance(value, list):
            raise GraderFault(f"{self.where}: {name} must be a list of tables, written [[{name}]].")
        return [Table(item, f"{self.where}: {name}[{i + 1}]") for i, item in enumerate(value)]

    def table(self, name: str) -> Table:
        """A table."""
        return Table(self._take(name, {}), f"{self.where}: [{name}]")

    def named_tables(self, name: str) -> dict[str, Table]:
        """A table of tables."""
        value = self.table(name).content
        return {key: Table(item, f"{self.where}: [{name}.{key}]") for key, item in value.items()}

    def done(self) -> None:
        """Refuse entries that nobody asked for: a typo must not pass silently.

        Raises
        ------
        GraderFault
            If an entry was never taken.
        """
        for name in self.content:
            if name not in self._taken:
                near = difflib.get_close_matches(name, self._taken, 1)
                hint = f" Is '{near[0]}' meant?" if near else ""
                raise GraderFault(f"{self.where}: '{name}' is not known.{hint}")

    def _take(self, name: str, default: Any) -> Any:
        self._taken.add(name)
        if name in self.content:
            return self.content[name]
        if default is _MISSING:
            raise GraderFault(f"{self.where}: '{name}' is missing.")
        return default
