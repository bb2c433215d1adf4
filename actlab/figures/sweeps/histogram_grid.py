"""Activations of many networks: a row for each variant, a column for each layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from actlab.figures.shares import Shares, shares
from actlab.figures.style import SKY, VERMILLION, house_style, titled
from actlab.figures.sweeps.base import SweepFigure
from actlab.figures.sweeps.records import SweptRecords, Variant

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

MOST_ROWS, MOST_COLUMNS = 15, 6
MOST_BINS = 50
COUNTS = "activation.counts"


class HistogramGrid(SweepFigure):
    """Histograms of the activations before training, of the first seed; saturated parts marked.

    Each panel is scaled to its own peak, each row to its own range.

    Source: CS231n lecture 6 (2017), "Weight initialization".
    """

    name: ClassVar[str] = "histogram_grid"

    @house_style()
    def draw(self, sweep: SweptRecords) -> Drawing | None:
        rows = _rows(sweep)
        if not rows:
            return None
        layers = [_layers(variant) for variant in rows]
        columns = max(map(len, layers))
        lines = ["Activations before training, by variant and layer", sweep.name]
        if len(rows) < len(sweep.variants):
            lines.append(f"{len(rows)} of {len(sweep.variants)} variants: of the deepest networks")
        drawing = titled(lines, 1.1 + 0.75 * len(rows))
        grid = drawing.subplots(len(rows), columns, sharex="row", squeeze=False)
        for axes, variant, shown in zip(grid, rows, layers, strict=True):
            _draw_row(axes, variant, shown)
            axes[0].set_ylabel(
                variant.label(sweep.keys).replace(", ", "\n") or sweep.name,
                rotation=0, ha="right", va="center", fontsize=7.5,
            )  # fmt: skip
        return drawing


def _rows(sweep: SweptRecords) -> list[Variant]:
    """The variants with histograms; the deepest if there are too many, evenly spaced."""
    found = [v for v in sweep.variants if len(v.records[0].statistics.get(COUNTS, ()))]
    if len(found) > MOST_ROWS:
        deepest = max(len(v.records[0].layers) for v in found)
        found = [v for v in found if len(v.records[0].layers) == deepest]
    kept = np.linspace(0, len(found) - 1, min(len(found), MOST_ROWS)).round().astype(int)
    return [found[n] for n in kept]


def _layers(variant: Variant) -> list[int]:
    n = len(variant.records[0].layers)
    return np.linspace(0, n - 1, min(n, MOST_COLUMNS)).round().astype(int).tolist()


def _draw_row(row: Sequence[Axes], variant: Variant, layers: Sequence[int]) -> None:
    found = shares(variant.records[0], "activation", 0, MOST_BINS)
    for axes, layer in zip(row, layers, strict=False):
        _draw_panel(axes, found[layer])
        axes.set_title(f"layer {layer + 1}", fontsize=7, pad=2)
    for spare in row[len(layers) :]:
        spare.set_visible(False)


def _draw_panel(axes: Axes, share: Shares) -> None:
    axes.set_yticks([])
    axes.tick_params(axis="x", labelsize=6.5)
    if share.has_range:
        axes.stairs(share.bins, share.edges, fill=True, color=SKY)
        axes.stairs(share.saturated, share.edges, fill=True, color=VERMILLION)
    if share.zero > 0:
        axes.text(0.97, 0.9, f"zero {share.zero:.0%}", fontsize=6.5, ha="right", va="top",
                  transform=axes.transAxes)  # fmt: skip
