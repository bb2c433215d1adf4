"""Mean and spread of the activations over depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from actlab.arrays import Array
from actlab.figures.base import Figure
from actlab.figures.by_layer import Lines, draw_by_layer, positives, spans_decades, use_decades
from actlab.figures.states import states
from actlab.figures.style import INK, house_style, sheet
from actlab.figures.theory_line import draw_theory
from actlab.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing


class Layers(Figure):
    """Mean and std of the activations by layer, before training and after, and in theory.

    Source: CS231n lecture 6 (2017), "Weight initialization": the two curves above the histograms.
    """

    name: ClassVar[str] = "layers"

    @house_style()
    def draw(self, record: Record) -> Drawing | None:
        names = ("activation.mean", "activation.std")
        shown = states(record, *names)
        if not shown:
            return None
        drawing = sheet(record, "Mean and spread of the activations by layer", 3.9)
        means, stds = ([(s, record.statistics[name][s.snapshot]) for s in shown] for name in names)
        left, right = drawing.subplots(1, 2)
        _draw_means(left, means, positives(stds))
        _draw_stds(right, stds)
        for axes, name in zip((left, right), names, strict=True):
            draw_theory(axes, record, name)
        drawing.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=4)
        return drawing


def _draw_means(axes: Axes, means: Lines, stds: Array) -> None:
    """The axis is never so fine that means which are nothing beside the std look like a trend."""
    draw_by_layer(axes, means)
    axes.axhline(0, color=INK, linewidth=0.8, zorder=1)
    axes.set_ylabel("mean of the activations")
    if stds.size:
        low, high = axes.get_ylim()
        axes.set_ylim(min(low, -0.25 * stds.max()), max(high, 0.25 * stds.max()))


def _draw_stds(axes: Axes, stds: Lines) -> None:
    draw_by_layer(axes, stds)
    axes.set_ylabel("std of the activations")
    if spans_decades(stds):
        use_decades(axes, stds)
    elif positives(stds).size:
        axes.set_ylim(0, 1.1 * positives(stds).max())
