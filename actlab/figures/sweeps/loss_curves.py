"""How the variants of a sweep trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.figures.style import house_style
from actlab.figures.sweeps.base import SweepFigure
from actlab.figures.sweeps.panels import draw_band, looks, outer_labels, panel_grid, shared_legend
from actlab.figures.sweeps.records import SweptRecords, band

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing


class LossCurves(SweepFigure):
    """Training loss over the epochs: mean over the seeds, band from the lowest to the highest.

    Source: CS231n course notes (Karpathy, 2015), "Babysitting the learning process".
    """

    name: ClassVar[str] = "loss_curves"

    @house_style()
    def draw(self, sweep: SweptRecords) -> Drawing | None:
        if all(record.experiment.train.epochs == 0 for v in sweep.variants for record in v.records):
            return None
        key = sweep.line_key
        panels = sweep.panels(key)
        notes = [f"band: lowest to highest of {sweep.seeds} seeds"] if sweep.seeds > 1 else []
        drawing, grid = panel_grid(sweep, "Training loss", list(panels), notes)
        look = looks(sweep.values(key) if key else ["all"])
        for axes, variants in zip(grid, panels.values(), strict=True):
            for variant in variants:
                word = variant.shown[key] if key else "all"
                curves = band(variant.records, lambda record: record.column("train_loss"))
                draw_band(axes, curves, word, look[word])
        _scale(grid, _losses(sweep))
        outer_labels(grid, "epoch (0: before training)", "training loss")
        shared_legend(drawing, grid, key or "")
        return drawing


def _scale(grid: Sequence[Axes], losses: Array) -> None:
    """From zero; cut off at twice the median, or what diverges flattens all."""
    from matplotlib.ticker import MaxNLocator

    top = min(losses.max(), 2 * np.median(losses)) if losses.size else 1.0
    for axes in grid:
        axes.set_ylim(0, 1.05 * top)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))


def _losses(sweep: SweptRecords) -> Array:
    columns = [r.column("train_loss") for variant in sweep.variants for r in variant.records]
    losses = np.concatenate(columns)
    return losses[np.isfinite(losses)]
