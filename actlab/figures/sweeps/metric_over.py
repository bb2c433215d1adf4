"""A final metric over one swept setting, with error bars."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from actlab.comparing import Estimate
from actlab.figures.style import house_style
from actlab.figures.sweeps.base import SweepFigure
from actlab.figures.sweeps.panels import looks, outer_labels, panel_grid, shared_legend
from actlab.figures.sweeps.records import SweptRecords

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

APART = 0.06
"""Between the lines, in units of the axis, so that bars do not hide each other."""


class MetricOver(SweepFigure):
    """Mean of a final metric over one swept path, with 95% t-intervals over the seeds.

    Source: Student (1908), "The probable error of a mean".
    """

    name: ClassVar[str] = "metric_over"

    @house_style()
    def draw(self, sweep: SweptRecords) -> Drawing | None:
        x = self._over(sweep)
        if x is None or not any(variant.metric(self.metric).n for variant in sweep.variants):
            return None
        rest = SweptRecords(sweep.name, tuple(k for k in sweep.keys if k != x), sweep.variants)
        key = rest.line_key
        panels = sweep.panels(x, key)
        title = f"{self.metric.replace('_', ' ')} over {x}"
        notes = [f"bars: 95% t-intervals of {sweep.seeds} seeds"] if sweep.seeds > 1 else []
        drawing, grid = panel_grid(sweep, title, list(panels), notes)
        look = looks(sweep.values(key) if key else ["all"])
        for axes, variants in zip(grid, panels.values(), strict=True):
            for n, (word, style) in enumerate(look.items()):
                line = [v for v in variants if key is None or v.shown[key] == word]
                points = [(sweep.values(x).index(v.shown[x]), v.metric(self.metric)) for v in line]
                _draw_line(axes, points, APART * (n - (len(look) - 1) / 2), word, style)
            axes.set_xticks(range(len(sweep.values(x))), sweep.values(x))
            if max(map(len, sweep.values(x))) > 6:
                axes.tick_params(axis="x", labelrotation=30)
        outer_labels(grid, x, self.metric.replace("_", " "))
        if key:
            shared_legend(drawing, grid, key)
        return drawing

    def _over(self, sweep: SweptRecords) -> str | None:
        """The path asked for, or the first whose values are numbers, or the first."""
        if self.over:
            return self.over[0] if self.over[0] in sweep.keys else None
        numeric = [
            key
            for key in sweep.keys
            if all(isinstance(v.values[key], int | float) for v in sweep.variants)
        ]
        return next(iter((*numeric, *sweep.keys)), None)


def _draw_line(
    axes: Axes,
    points: Iterable[tuple[int, Estimate]],
    aside: float,
    label: str,
    style: dict[str, Any],
) -> None:
    """Means in order, with bars where there are several seeds, a little aside of other lines."""
    known = sorted((place, found.mean, found.half) for place, found in points if found.n)
    if known:
        places, means, halves = zip(*known, strict=True)
        bars = [half if isfinite(half) else 0.0 for half in halves]
        axes.errorbar(np.array(places) + aside, means, bars, label=label, capsize=2, **style)
