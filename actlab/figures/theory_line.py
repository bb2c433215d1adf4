"""What the theory expects of a record's layers before training, as a line over the depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from actlab.arrays import Array
from actlab.figures.style import VERMILLION
from actlab.record import Record
from actlab.theory import predict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABEL = "theory, before training"
_LOOK: dict[str, Any] = {"color": VERMILLION, "linewidth": 1.1, "zorder": 3}


def expected(record: Record, statistic: str) -> Array:
    """A number per hidden layer, NaN where nothing is predicted; empty without what it starts from.

    Gradients, which the theory knows relative to the top layer, start from what was measured there.
    """
    found = record.statistics
    if not len(found.get("input.squares", ())) or not record.layers:
        return np.empty(0)
    features = int(found["input.features"][0])
    line = predict(record.experiment, found["input.squares"][0], features).statistics[statistic]
    if statistic.endswith("gradient.std"):
        line = line * found["activation_gradient.std"][0, -1]
    return np.where(np.isfinite(line), line, np.nan)


def draw_theory(axes: Axes, record: Record, statistic: str) -> None:
    """The line, none where all is NaN; only a linear axis makes room for it."""
    line = expected(record, statistic)
    if np.isfinite(line).any():
        low, high = axes.get_ylim()
        axes.plot(np.arange(1, len(line) + 1), line, label=LABEL, **_LOOK)
        if axes.get_yscale() == "linear":
            low, high = min(low, 1.05 * np.nanmin(line)), max(high, 1.05 * np.nanmax(line))
        axes.set_ylim(low, high)
