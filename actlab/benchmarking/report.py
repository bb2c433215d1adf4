"""What every benchmark hands back: a table, remarks, and the numbers behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from actlab.benchmarking.timing import Timing


class Mismatch(RuntimeError):
    """Two contenders that ought to compute the same do not; the message says where."""


@dataclass(frozen=True)
class Report:
    """Rows of cells by column under a title, what to know about them, and all numbers."""

    title: str
    rows: Sequence[Mapping[str, str]]
    numbers: Mapping[str, Any]
    notes: Sequence[str] = field(default_factory=tuple)


def ratio_shown(timing: Timing) -> str:
    """`0.83 (0.81-0.86)`: the median, and where the middle half of the rounds lies."""
    low, high = timing.spread
    return f"{timing.ratio:.2f} ({low:.2f}-{high:.2f})"
