"""A final metric over two swept settings."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.figures.style import INK, house_style
from actlab.figures.sweeps.base import SweepFigure
from actlab.figures.sweeps.panels import outer_labels, panel_grid
from actlab.figures.sweeps.records import SweptRecords, Variant

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing


class HeatMap(SweepFigure):
    """Mean of a final metric over two swept paths; a panel for each value of the others.

    Source: Bergstra and Bengio (2012), "Random search for hyper-parameter optimization"; CS231n
    lecture 7 (2017), "Hyperparameter optimization".
    """

    name: ClassVar[str] = "heat_map"

    @house_style()
    def draw(self, sweep: SweptRecords) -> Drawing | None:
        many = [key for key in sweep.keys if len(sweep.values(key)) > 1]
        chosen = (*self.over, *(key for key in many if key not in self.over))[:2]
        if len(chosen) < 2 or any(key not in sweep.keys for key in chosen):
            return None
        x, y = sorted(chosen, key=lambda key: len(sweep.values(key)))
        panels = sweep.panels(x, y)
        tables = [_table(sweep, variants, x, y, self.metric) for variants in panels.values()]
        known = np.concatenate([table[np.isfinite(table)] for table in tables])
        if not known.size:
            return None
        title = f"{self.metric.replace('_', ' ')}, mean over seeds"
        drawing, grid = panel_grid(sweep, title, list(panels))
        limits = {"vmin": known.min(), "vmax": known.max(), "cmap": "cividis", "aspect": "auto"}
        for axes, table in zip(grid, tables, strict=True):
            image = axes.imshow(table, **limits)
            _write_cells(axes, table, float(known.mean()))
            _name_cells(axes, sweep.values(x), sweep.values(y))
        drawing.colorbar(image, ax=list(grid), shrink=0.8)
        outer_labels(grid, x, y)
        return drawing


def _table(sweep: SweptRecords, variants: list[Variant], x: str, y: str, metric: str) -> Array:
    """The metric (values of y, values of x), NaN where no run finished."""
    across, down = sweep.values(x), sweep.values(y)
    table = np.full((len(down), len(across)), nan)
    for variant in variants:
        place = down.index(variant.shown[y]), across.index(variant.shown[x])
        table[place] = variant.metric(metric).mean
    return table


def _write_cells(axes: Axes, table: Array, middle: float) -> None:
    if table.size > 150:
        return
    for (row, column), value in np.ndenumerate(table):
        words = f"{value:.3g}" if np.isfinite(value) else "-"
        look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 7.5}
        axes.text(column, row, words, color=INK if not value < middle else "white", **look)


def _name_cells(axes: Axes, across: list[str], down: list[str]) -> None:
    axes.set_xticks(range(len(across)), across, rotation=30 if max(map(len, across)) > 6 else 0)
    axes.set_yticks(range(len(down)), down)
    axes.grid(visible=False)
