"""Credit for training, which is a statistic: points rise from "learns at all" to "reaches the target"."""

from __future__ import annotations


def credit(value: float, full: float, zero: float) -> float:
    """Share of the points for a metric: 1 at `full` or better, 0 at `zero` or worse, linear between.

    Parameters
    ----------
    value : float
        What the trained network reached; NaN earns nothing.
    full, zero : float
        Thresholds; ``full > zero`` for an accuracy, ``full < zero`` for a loss.

    Examples
    --------
    >>> credit(0.7, full=0.85, zero=0.55)
    0.5
    """
    share = (value - zero) / (full - zero)
    # Rounded so that the points do not depend on the last bits; written so that NaN earns nothing.
    return round(min(share, 1.0), 4) if share > 0 else 0.0
