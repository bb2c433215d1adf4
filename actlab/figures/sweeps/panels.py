"""Grids of small panels with one legend, the lines of each variant looking the same in all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from actlab.arrays import Array
from actlab.figures.style import OKABE_ITO, titled
from actlab.figures.sweeps.records import SweptRecords

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

MOST_COLUMNS = 3
_MARKERS = "osD^vPX*"
_DASHES = ("-", "--", "-.", ":")


def looks(words: Sequence[str]) -> dict[str, dict[str, Any]]:
    """A colour, marker and dash for each word, told apart in grey too."""
    return {
        word: {
            "color": OKABE_ITO[n % len(OKABE_ITO)],
            "marker": _MARKERS[n % len(_MARKERS)],
            "linestyle": _DASHES[n % len(_DASHES)],
            "markersize": 3.5,
        }
        for n, word in enumerate(words)
    }


def panel_grid(
    sweep: SweptRecords,
    title: str,
    titles: Sequence[str],
    notes: Sequence[str] = (),
    *,
    sharex: bool = True,
) -> tuple[Drawing, Sequence[Axes]]:
    """A drawing with a panel under each of these titles, on shared axes."""
    columns = min(len(titles), MOST_COLUMNS)
    rows = -(-len(titles) // columns)
    drawing = titled([title, sweep.name, *notes], 1.5 + (2.4 if rows > 1 else 3.0) * rows)
    grid: Array = drawing.subplots(rows, columns, sharex=sharex, sharey=True, squeeze=False)
    panels = list(grid.ravel())
    for spare in panels[len(titles) :]:
        spare.remove()
    for axes, words in zip(panels, titles, strict=False):
        axes.set_title(words, fontsize=8.5)
    return drawing, panels[: len(titles)]


def draw_band(
    axes: Axes,
    curves: tuple[Array, Array, Array] | None,
    label: str,
    look: dict[str, Any],
    first: int = 0,
) -> None:
    """A mean with the range around it, over whole numbers from `first`."""
    if curves is not None:
        mean, low, high = curves
        x = np.arange(first, first + mean.size)
        axes.plot(x, mean, label=label, **look)
        axes.fill_between(x, low, high, color=look["color"], alpha=0.2, linewidth=0)


def outer_labels(panels: Sequence[Axes], x: str, y: str) -> None:
    """Label the left column and the lowest panel of each column."""
    columns = min(len(panels), MOST_COLUMNS)
    for n, axes in enumerate(panels):
        if n % columns == 0:
            axes.set_ylabel(y)
        if n >= len(panels) - columns:
            axes.set_xlabel(x)
            axes.tick_params(labelbottom=True)


def shared_legend(drawing: Drawing, panels: Sequence[Axes], title: str) -> None:
    """One legend below for what stands in any panel."""
    handles: dict[str, Any] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    if handles:
        drawing.legend(handles.values(), handles, loc="outside lower center", ncols=4, title=title)
