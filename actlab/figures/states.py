"""Which snapshots of a record are drawn, and how each is named and looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from actlab.figures.style import BLUE, FAINT
from actlab.record import Record


@dataclass(frozen=True)
class State:
    """A snapshot of the network: before training, or the last one recorded."""

    snapshot: int
    label: str
    line: dict[str, Any]


_FIRST = {"color": FAINT, "linestyle": "--", "marker": "o", "markerfacecolor": "white"}
_LAST = {"color": BLUE, "linestyle": "-", "marker": "o"}


def states(record: Record, *needed: str) -> list[State]:
    """The first and last snapshot, or the only one; none if an array `needed` is not there."""
    if not record.layers or any(not len(record.statistics.get(name, ())) for name in needed):
        return []
    first, last = State(0, "before training", _FIRST), len(record.statistics["step"]) - 1
    if last == 0:
        return [State(0, "before training", _LAST)]
    return [first, State(last, _last_label(record), _LAST)]


def _last_label(record: Record) -> str:
    epoch, step = (int(record.statistics[name][-1]) for name in ("epoch", "step"))
    if record.status == "finished":
        return f"after {epoch} epoch" + "s" * (epoch != 1)
    return f"last recorded, step {step}"
