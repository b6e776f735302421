"""Times as course systems write them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T -](\d\d)[:-](\d\d)(?:[:-](\d\d)(?:\.(\d{1,6})\d*)?)?)?\s*"
    r"(Z|UTC|GMT|[+-]\d\d:?\d\d|[A-Za-z_]+(?:/[A-Za-z_+-]+)+)?",
    re.ASCII,
)


def to_moment(text: str) -> datetime | None:
    """Read a time such as ``2026-11-20 10:00:00.000000000 Z``; None if it is none."""
    match = _TIME.fullmatch(text.strip()[:100])
    if match is None:
        return None
    *numbers, fraction, zone = match.groups()
    year, month, day, hour, minute, second = (int(n or 0) for n in numbers)
    microsecond = int((fraction or "0").ljust(6, "0"))
    if not 1980 <= year <= 2200:  # computers' clocks begin then, and arithmetic is safe
        return None
    try:
        return datetime(year, month, day, hour, minute, second, microsecond, _zone(zone or ""))
    except ValueError:
        return None


def _zone(text: str) -> tzinfo | None:
    if text in ("Z", "UTC", "GMT"):
        return UTC
    if text[:1] in ("+", "-"):
        hours, minutes = int(text[1:3]), int(text[-2:])
        return timezone((-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))
    with suppress(KeyError, ValueError, OSError):  # no such place, or only the folder of several
        return ZoneInfo(text) if text else None
    return None
