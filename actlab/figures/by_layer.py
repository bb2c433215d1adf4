"""Lines over the depth of a network, and what a logarithmic axis cannot show."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import TYPE_CHECKING

import numpy as np

from actlab.arrays import Array
from actlab.figures.states import State

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Lines = Sequence[tuple[State, Array]]
"""A state and its value in every layer, for each state."""


def draw_by_layer(axes: Axes, lines: Lines) -> None:
    """A line for each state; layers that are not finite are marked at the top of the panel."""
    from matplotlib.ticker import MaxNLocator

    for state, values in lines:
        finite = np.where(np.isfinite(values), values, np.nan)
        look = {**state.line, "markersize": 4.5 if len(values) <= 20 else 2.5}
        axes.plot(_numbers(values), finite, label=state.label, **look)
        _mark(axes, ~np.isfinite(values), 0.97, "x", "not finite", state)
    axes.set_xlabel("hidden layer, from the input")
    axes.xaxis.set_major_locator(MaxNLocator(10, integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    n_layers = max(len(values) for _, values in lines)
    axes.set_xlim(0.5, n_layers + 0.5)


def use_decades(axes: Axes, lines: Lines) -> None:
    """A logarithmic axis over whole decades; exact zeros are marked at its bottom."""
    positive = positives(lines)
    if not positive.size:
        return
    axes.set_yscale("log")
    low, high = log10(positive.min()), log10(positive.max())
    margin = 0.05 + 0.05 * (high - low)
    axes.set_ylim(10.0 ** max(floor(low - margin), -300), 10.0 ** min(ceil(high + margin), 300))
    for state, values in lines:
        _mark(axes, values == 0, 0.03, "v", "exactly 0", state)


def spans_decades(lines: Lines, decades: float = 2) -> bool:
    """Whether the largest value is more than this many decades above the least positive one."""
    positive = positives(lines)
    return bool(positive.size) and log10(positive.max()) - log10(positive.min()) > decades


def positives(lines: Lines) -> Array:
    """All positive, finite values of the lines."""
    values = np.concatenate([values for _, values in lines])
    return values[np.isfinite(values) & (values > 0)]


def _mark(axes: Axes, where: Array, height: float, marker: str, label: str, state: State) -> None:
    """Markers on the layers in `where`, at a height in 0..1 of the panel."""
    layers = _numbers(where)[where]
    if layers.size:
        axes.plot(
            layers,
            np.full(layers.size, height),
            transform=axes.get_xaxis_transform(),
            color=state.line["color"],
            linestyle="",
            marker=marker,
            label=f"{label}, {state.label}",
        )


def _numbers(values: Array) -> Array:
    return np.arange(1, len(values) + 1)
