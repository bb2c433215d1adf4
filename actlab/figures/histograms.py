"""Histograms by layer in small panels over shared axes: the lecture's figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.figures.base import Figure
from actlab.figures.shares import Shares, shares
from actlab.figures.states import State, states
from actlab.figures.style import INK, SKY, VERMILLION, house_style, percent, sheet, short, tick
from actlab.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

MOST_PANELS, MOST_COLUMNS = 20, 5
VISIBLE = 1e-3
"""Bins with less than this share in every layer are left out at both ends of the axis."""
HEADROOM = 3.0
"""The axis ends at this many times the lowest panel's peak; higher bars are cut off."""
BINS_OF_BOUNDED = 50
"""Where the whole range of an activation is shown, finer spikes at its ends would vanish."""
NARROWEST = 10
"""Bins that the axis shows at least, so that a spike looks like one."""

_FILLED: dict[str, Any] = {"fill": True, "color": SKY, "linewidth": 0}
_SATURATED: dict[str, Any] = {"fill": True, "color": VERMILLION, "linewidth": 0}
_OUTLINE: dict[str, Any] = {"color": INK, "linewidth": 0.7}
_ZERO: dict[str, Any] = {"facecolor": "white", "edgecolor": INK, "hatch": "/////", "linewidth": 0.6}
_CUT_OFF: dict[str, Any] = {"marker": "^", "color": INK, "linestyle": "", "markersize": 3.5}
_PAPER: dict[str, Any] = {
    "boxstyle": "square,pad=0",
    "facecolor": "white",
    "edgecolor": "none",
    "alpha": 0.8,
}


@dataclass(frozen=True)
class Panel:
    """One layer: its final state, filled, and its first as an outline if there is another."""

    layer: int
    filled: Shares
    outline: Shares | None
    moments: tuple[float, float] | None

    def outlined(self) -> Array:
        """Heights of the outline, as if its bins had the width of the filled ones."""
        return self.outline.in_bins_of(self.filled.edges) if self.outline else np.zeros(1)


class LayerHistograms(Figure):
    """Base of the figures that show the histogram of one tensor in every hidden layer."""

    tensor: ClassVar[str]
    title: ClassVar[str]
    quantity: ClassVar[str]

    @house_style()
    def draw(self, record: Record) -> Drawing | None:
        shown = states(record, f"{self.tensor}.counts")
        if not shown:
            return None
        panels = _panels(
            record, self.tensor, shown, BINS_OF_BOUNDED if self.bounds(record) else None
        )
        rows = -(-len(panels) // MOST_COLUMNS)
        columns = -(-len(panels) // rows)
        height = 1.35 + (2.6 if len(panels) <= 3 else 1.45) * rows
        drawing = sheet(record, self.title, height, _notes(record, panels))
        grid = drawing.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
        grid[0].set_xlim(self.bounds(record) or _range(panels))
        grid[0].set_ylim(0, _top(panels))
        _use_few_ticks(grid[0], columns)
        for axes, panel in zip(grid, panels, strict=False):
            _draw_panel(axes, panel)
        _label_lowest(grid, len(panels), columns, self.quantity)
        drawing.supylabel("share of values per bin", fontsize=9)
        _add_legend(drawing, panels, shown, grid[0].get_ylim()[1])
        return drawing

    def bounds(self, record: Record) -> tuple[float, float] | None:
        """The range of the axis, or None for what the values need."""
        return None


def _panels(
    record: Record, tensor: str, shown: Sequence[State], most_bins: int | None
) -> list[Panel]:
    """The panels of evenly spaced layers, at most MOST_PANELS of them."""
    by_state = [shares(record, tensor, state.snapshot, most_bins) for state in shown]
    n_layers = len(record.layers)
    layers = np.linspace(0, n_layers - 1, min(n_layers, MOST_PANELS)).round().astype(int).tolist()
    return [
        Panel(
            layer,
            by_state[-1][layer],
            by_state[0][layer] if len(shown) > 1 else None,
            _moments(record, tensor, shown[-1].snapshot, layer),
        )
        for layer in layers
    ]


def _moments(record: Record, tensor: str, snapshot: int, layer: int) -> tuple[float, float] | None:
    names = (f"{tensor}.mean", f"{tensor}.std")
    if any(name not in record.statistics for name in names):
        return None
    mean, std = (float(record.statistics[name][snapshot, layer]) for name in names)
    return mean, std


def _notes(record: Record, panels: Sequence[Panel]) -> list[str]:
    if len(panels) == len(record.layers):
        return []
    return [f"{len(panels)} of {len(record.layers)} layers shown, evenly spaced"]


def _use_few_ticks(axes: Axes, columns: int) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(max(3, 7 - columns), steps=[1, 2, 3, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:.3g}%"))


def _range(panels: Sequence[Panel]) -> tuple[float, float]:
    """From the least to the greatest value that is frequent enough to be seen."""
    states = [s for panel in panels for s in (panel.filled, panel.outline) if s is not None]
    ends = [end for state in states for end in _visible(state)]
    if not ends:
        return -1.0, 1.0
    if any(state.zero for state in states):
        ends.append(0.0)
    low, high = min(ends), max(ends)
    edges = panels[0].filled.edges
    missing = max(NARROWEST * (edges[1] - edges[0]) - (high - low), 0.08 * (high - low))
    return low - missing / 2, high + missing / 2


def _visible(state: Shares) -> Iterator[float]:
    """The outer edges of the outermost bins that hold a visible share."""
    held = np.flatnonzero(state.bins >= VISIBLE)
    if held.size and state.has_range:
        yield float(state.edges[held[0]])
        yield float(state.edges[held[-1] + 1])


def _top(panels: Sequence[Panel]) -> float:
    """What the highest bar needs, but at most HEADROOM times the lowest panel's peak."""
    peaks = [peak for panel in panels if (peak := float(panel.filled.bins.max())) > 0]
    if not peaks:
        return 1.0
    outlines = [float(panel.outlined().max()) for panel in panels]
    return 1.08 * min(max(peaks + outlines), HEADROOM * min(peaks), 1.0)


def _draw_panel(axes: Axes, panel: Panel) -> None:
    _write_title(axes, panel)
    filled = panel.filled
    if filled.has_range:
        axes.stairs(filled.bins, filled.edges, **_FILLED)
        axes.stairs(filled.saturated, filled.edges, **_SATURATED)
        _draw_zeros(axes, filled)
        _mark_cut_off(axes, filled)
        if panel.outline is not None and panel.outline.has_range:
            axes.stairs(panel.outlined(), panel.outline.edges, **_OUTLINE)
    _write_notes(axes, filled)


def _write_title(axes: Axes, panel: Panel) -> None:
    axes.set_title(f"layer {panel.layer + 1}", loc="left", fontsize=8, pad=3)
    if panel.moments is not None:
        mean, std = map(short, panel.moments)
        axes.set_title(f"mean {mean}\nstd {std}", loc="right", fontsize=8, pad=3)


def _draw_zeros(axes: Axes, filled: Shares) -> None:
    """The exact zeros as a bar of their own: below zero if nothing else is, else across it."""
    if filled.zero > 0:
        low, high = axes.get_xlim()
        width = 0.04 * (high - low)
        left = -width if filled.edges[0] >= 0 else -width / 2
        axes.bar(left, filled.zero, width, align="edge", **_ZERO)


def _mark_cut_off(axes: Axes, filled: Shares) -> None:
    top = axes.get_ylim()[1]
    centres = (filled.edges[:-1] + filled.edges[1:]) / 2
    cut = [*centres[filled.bins > top], *([0.0] if filled.zero > top else [])]
    axes.plot(cut, [0.96] * len(cut), transform=axes.get_xaxis_transform(), **_CUT_OFF)


def _write_notes(axes: Axes, filled: Shares) -> None:
    """What the bars cannot say, where they leave the most room."""
    side, place = _emptiest(axes, filled)
    words = "\n".join(_words(filled, axes.get_ylim()[1]))
    look: dict[str, Any] = {"ha": side, "va": "top", "fontsize": 8, "bbox": _PAPER}
    axes.text(place, 0.9, words, transform=axes.transAxes, **look)


def _words(filled: Shares, top: float) -> Iterable[str]:
    if filled.not_finite > 0:
        yield f"not finite {percent(filled.not_finite)}"
    if filled.zero > 0:
        yield f"zero {percent(filled.zero)}"
    if filled.saturated.sum() > 0:
        yield f"sat. {percent(float(filled.saturated.sum()))}"
    if filled.bins.max() > top:
        yield f"peak {percent(float(filled.bins.max()))}"


def _emptiest(axes: Axes, filled: Shares) -> tuple[str, float]:
    """The third of the panel with the least mass, as a text alignment and a place in 0..1."""
    if not filled.has_range:
        return "center", 0.5
    centres = (filled.edges[:-1] + filled.edges[1:]) / 2
    low, high = axes.get_xlim()
    third = np.clip((centres - low) / (high - low) * 3, 0, 2).astype(int)
    mass = np.bincount(third, filled.bins, 3)
    mass[int(np.clip(-low / (high - low) * 3, 0, 2))] += filled.zero
    return [("right", 1.0), ("left", 0.03), ("center", 0.5)][int(np.argmin(mass[[2, 0, 1]]))]


def _label_lowest(grid: Array, used: int, columns: int, quantity: str) -> None:
    """Remove the panels left over, and label the lowest one of every column."""
    for spare in grid[used:]:
        spare.remove()
    for axes in grid[max(used - columns, 0) : used]:
        axes.tick_params(labelbottom=True)
        axes.set_xlabel(quantity)


def _add_legend(
    drawing: Drawing, panels: Sequence[Panel], shown: Sequence[State], top: float
) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    filled = [panel.filled for panel in panels]
    handles: list[Patch | Line2D] = [Patch(color=SKY, label=shown[-1].label)]
    if len(shown) > 1:
        handles.append(Line2D([], [], label=shown[0].label, **_OUTLINE))
    if any(state.saturated.any() for state in filled):
        handles.append(Patch(color=VERMILLION, label="saturated (sat.): |f '| < 1% of its maximum"))
    if any(state.zero for state in filled):
        handles.append(Patch(label="exactly zero", **_ZERO))
    if any(max(state.bins.max(), state.zero) > top for state in filled):
        handles.append(Line2D([], [], label="bar cut off", **_CUT_OFF))
    drawing.legend(handles=handles, loc="outside lower center", ncols=5, columnspacing=1.2)
