"""The phase diagram of the theory, with networks that were measured as points on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from actlab.arrays import Array
from actlab.figures.style import INK, house_style, titled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

Point = tuple[float, float, float]
"""sigma_w, sigma_b and what was measured there."""
DEEPEST = 100.0
"""Layers beyond which depths share one colour: the scale diverges at the edge."""


@house_style()
def draw_phase_diagram(
    sigma_w: ArrayLike,
    sigma_b: ArrayLike,
    depth: ArrayLike,
    edge: ArrayLike,
    points: Sequence[Point] = (),
    *,
    title: str = "Ordered and chaotic networks",
    depth_label: str = "depth scale of the theory (layers)",
    measured_label: str = "measured",
    notes: Sequence[str] = (),
) -> Drawing:
    """Depth scales (sigma_b, sigma_w) in shades, the edge of chaos, points coloured by a number.

    `edge` holds a sigma_w for each sigma_b, NaN where there is none. Points whose number is not
    finite are drawn as crosses. Plain arrays in, as `actlab.theory.phase_diagram` gives them.

    Source: Schoenholz, Gilmer, Ganguli and Sohl-Dickstein (2017), arXiv 1611.01232, figure 5.
    """
    w, b, scale = (np.asarray(array, float) for array in (sigma_w, sigma_b, depth))
    drawing = titled([title, *notes], 4.8)
    axes = drawing.subplots()
    _draw_depths(drawing, axes, w, b, scale, depth_label)
    _draw_edge(axes, np.asarray(edge, float), b)
    if points:
        _draw_points(drawing, axes, points, measured_label)
    axes.set_xlabel("$\\sigma_w$: std of the weights times $\\sqrt{n_{in}}$")
    axes.set_ylabel("$\\sigma_b$: std of the biases")
    axes.set_xlim(w.min(), w.max())
    axes.set_ylim(b.min(), b.max())
    axes.grid(False)
    drawing.legend(loc="outside lower center", ncols=3)
    return drawing


def _draw_depths(
    drawing: Drawing, axes: Axes, w: Array, b: Array, scale: Array, label: str
) -> None:
    from matplotlib.colors import LogNorm

    known = scale[np.isfinite(scale) & (scale > 0)]
    low = max(float(known.min()) if known.size else 1.0, 0.3)
    shown = np.where(np.isnan(scale), np.nan, np.clip(scale, low, DEEPEST))
    mesh = axes.pcolormesh(
        w, b, shown, norm=LogNorm(low, DEEPEST), cmap="Blues", shading="gouraud", rasterized=True
    )
    bar = drawing.colorbar(mesh, ax=axes, pad=0.02, extend="max", label=label)
    bar.outline.set_visible(False)


def _draw_edge(axes: Axes, edge: Array, b: Array) -> None:
    """The line between the phases, and their names above it."""
    known = np.isfinite(edge)
    if not known.any():
        return
    axes.plot(edge[known], b[known], color=INK, label="edge of chaos: $\\chi_1 = 1$")
    at = np.flatnonzero(known)[-1]
    axes.annotate(
        "ordered \N{LEFTWARDS ARROW} \N{RIGHTWARDS ARROW} chaotic",
        (edge[at], b[at]),
        (0, 4),
        textcoords="offset points",
        ha="center",
        va="bottom",
    )


def _draw_points(drawing: Drawing, axes: Axes, points: Sequence[Point], label: str) -> None:
    """Measured networks in a second scale of colour, crosses where nothing could be measured."""
    x, y, value = np.array(points, float).T
    finite = np.isfinite(value)
    look: dict[str, Any] = {"zorder": 4, "clip_on": False}
    if finite.any():
        dots = axes.scatter(
            x[finite], y[finite], c=value[finite], cmap="YlOrRd", s=42, edgecolors=INK,
            linewidths=0.8, label=label, **look,
        )  # fmt: skip
        bar = drawing.colorbar(dots, ax=axes, pad=0.02, label=label)
        bar.outline.set_visible(False)
    if not finite.all():
        axes.scatter(x[~finite], y[~finite], c=INK, marker="x", s=36, label="not measured", **look)
