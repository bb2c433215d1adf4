"""Which initializers keep the spread of the activations through the layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.figures.style import INK, house_style
from actlab.figures.sweeps.base import SweepFigure
from actlab.figures.sweeps.panels import draw_band, looks, outer_labels, panel_grid, shared_legend
from actlab.figures.sweeps.records import SweptRecords, band
from actlab.figures.theory_line import expected
from actlab.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

SHOWN = (1e-5, 1e4)
"""A spread of about 1 is what initializers aim at; what lies beyond these has long vanished or
exploded."""

_THEORY: dict[str, Any] = {"color": INK, "linewidth": 0.9, "linestyle": (0, (1, 1)), "zorder": 3}


class ActivationStd(SweepFigure):
    """Std of the activations by layer before training, a line for every initializer.

    Dotted lines are the theory's.

    Source: CS231n lecture 6 (2017), "Weight initialization"; Glorot and Bengio (2010), figure 6.
    """

    name: ClassVar[str] = "activation_std"

    @house_style()
    def draw(self, sweep: SweptRecords) -> Drawing | None:
        if not any(_std(record).size for v in sweep.variants for record in v.records):
            return None
        key = sweep.line_key
        panels = sweep.panels(key)
        notes = [f"band: lowest to highest of {sweep.seeds} seeds"] if sweep.seeds > 1 else []
        title = "Std of the activations before training"
        drawing, grid = panel_grid(sweep, title, list(panels), notes, sharex=False)
        look = looks(sweep.values(key) if key else ["all"])
        for axes, variants in zip(grid, panels.values(), strict=True):
            for variant in variants:
                word = variant.shown[key] if key else "all"
                draw_band(axes, band(variant.records, _std), word, look[word], first=1)
                _draw_theory(axes, variant.records[0])
        _scale(grid, np.concatenate([_std(r) for v in sweep.variants for r in v.records]))
        outer_labels(grid, "hidden layer, from the input", "std")
        shared_legend(drawing, grid, key or "")
        return drawing


def _draw_theory(axes: Axes, record: Record) -> None:
    line = expected(record, "activation.std")
    if np.isfinite(line).any():
        axes.plot(np.arange(1, line.size + 1), line, label="theory", **_THEORY)


def _std(record: Record) -> Array:
    found = record.statistics.get("activation.std", np.empty((0, 0)))
    return found[0].astype(float) if len(found) else np.empty(0)


def _scale(grid: Sequence[Axes], values: Array) -> None:
    """Logarithmic where values span decades, of which those in SHOWN are shown."""
    from matplotlib.ticker import MaxNLocator

    values = values[np.isfinite(values) & (values > 0)]
    for axes in grid:
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True, min_n_ticks=1))
        if values.size and values.max() > 100 * values.min():
            axes.set_yscale("log")
            axes.set_ylim(max(values.min() / 2, SHOWN[0]), min(2 * values.max(), SHOWN[1]))
        elif values.size:
            axes.set_ylim(0, 1.1 * values.max())
