"""Names from outside become ids, file names and texts that do no harm."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping

_MAX_ID, _MAX_ID_BYTES = 64, 120  # room for an ending and for what tells two alike apart
_MAX_FILE_BYTES = 240  # file systems take 255
# Windows keeps these, with any ending; a gradebook may be opened there.
_RESERVED = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)


def fold(text: str) -> str:
    """What is equal for two names that some file system takes for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def shown(text: str, limit: int = 80) -> str:
    """A name as a report or a terminal may show it: one line of printable characters."""
    one_line = " ".join(unicodedata.normalize("NFC", text).split())
    printable = "".join(c if c.isprintable() else "?" for c in one_line)
    return printable if len(printable) <= limit else printable[: limit - 1] + "…"


def to_id(text: str) -> str:
    """A name fit for a file: letters, digits and ``-_.@+``; not always unique (see `distinct`)."""
    kept = ""
    for c in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(c)[0]
        is_letter = kind in "LN" or (kind == "M" and kept[-1:] not in ("", "_"))
        kept += c if is_letter or c in "-_.@+" else "_"
    kept = re.sub("_{2,}", "_", unicodedata.normalize("NFC", kept)).strip("._-")
    cut = kept[:_MAX_ID].encode()[:_MAX_ID_BYTES].decode(errors="ignore").rstrip("._-")
    if cut != kept:
        cut += "-" + _digest(text)
    if not cut or _RESERVED.fullmatch(cut):
        cut = f"student_{cut}" if cut else f"student-{_digest(text)}"
    return cut


def distinct(texts: Mapping[str, str], taken: frozenset[str] = frozenset()) -> dict[str, str]:
    """Ids for students.

    Parameters
    ----------
    texts : mapping of str to str
        What each id is made from, by what tells the students apart.
    taken : frozenset of str
        Ids that are given already.

    Returns
    -------
    dict of str to str
        Ids by key, distinct for every file system.  Where several students would have one, the one whose
        name it is exactly keeps it, and the others get a digest of their key.
    """
    alike: dict[str, list[str]] = defaultdict(list)
    ids = {key: to_id(text) for key, text in texts.items()}
    for key, wanted in ids.items():
        alike[fold(wanted)].append(key)
    used = {fold(i) for i in taken}
    others = []
    for folded, keys in alike.items():
        exact = [k for k in keys if ids[k] == texts[k]] if len(keys) > 1 else keys
        keeps = exact if len(exact) == 1 and folded not in used else []
        others += [k for k in keys if k not in keeps]
        if keeps:
            used.add(folded)
    for key in sorted(others):
        length = 8
        while fold(own := f"{ids[key]}-{_digest(key, length)}") in used:
            length += 1
        ids[key] = own
        used.add(fold(own))
    return ids


def to_file(name: str) -> str:
    """One part of a path that every file system takes, as like the name as can be."""
    name = unicodedata.normalize("NFC", name)
    clean = "".join("_" if unicodedata.category(c) in ("Cc", "Cs") or c in '<>:"/\\|?*' else c for c in name)
    if not clean.strip(". "):
        return "_"
    stem, ending = ending_of(clean)
    room = _MAX_FILE_BYTES - len(ending.encode())
    return stem.encode()[:room].decode(errors="ignore") + ending


def ending_of(name: str) -> tuple[str, str]:
    """Stem and ending of a file's name; what is too long for an ending is none."""
    stem, dot, ending = name.rpartition(".")
    return (stem, dot + ending) if stem and len(ending) <= 10 else (name, "")


def _digest(text: str, length: int = 8) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:length]
