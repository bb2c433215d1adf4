"""How large the weights are, and how large a step is beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.figures.base import Figure
from actlab.figures.style import INK, fill_with_words, house_style, sheet
from actlab.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

HEALTHY_RATIO = 1e-3
MOST_NAMED = 6
"""With more layers than this a colour bar names them instead of a legend."""


class Weights(Figure):
    """Norm of each layer's weights, and update / weight norm of a step, over training.

    Source: CS231n course notes (Karpathy, 2015), "ratio of weights:updates".
    """

    name: ClassVar[str] = "weights"

    @house_style()
    def draw(self, record: Record) -> Drawing | None:
        norms = record.statistics.get("weight.norm", np.empty((0, 0)))
        if len(norms) < 2:
            return None
        ratios = record.statistics["update_ratio"]
        drawing = sheet(record, "Weights and their updates, by layer", 4.0, _notes(ratios))
        norm, ratio = drawing.subplots(1, 2, sharex=True)
        _draw_layers(norm, record, norms)
        norm.set_ylabel("norm of the layer's weights, |W|")
        _draw_layers(ratio, record, ratios)
        ratio.set_ylabel("norm of one update / |W|")
        _draw_healthy(ratio, ratios)
        _name_layers(drawing, norm, ratio, norms.shape[1])
        return drawing


def _notes(ratios: Array) -> list[str]:
    """The layers that a logarithmic axis hides, since no recorded step moved them."""
    still = np.flatnonzero((np.nan_to_num(ratios[1:], nan=1.0) == 0).all(axis=0)) + 1
    if not still.size:
        return []
    return [f"no weight moved in the recorded steps: layers {', '.join(map(str, still))}"]


def _draw_layers(axes: Axes, record: Record, values: Array) -> None:
    """A line per layer, darker towards the input; the output layer's is dashed."""
    from matplotlib.ticker import MaxNLocator

    steps, n_layers = record.statistics["step"], values.shape[1]
    finite = np.where(np.isfinite(values), values, np.nan)
    for layer in range(n_layers):
        is_output = layer == n_layers - 1
        axes.plot(
            steps,
            finite[:, layer],
            color=_colour(layer, n_layers),
            linestyle="--" if is_output else "-",
            linewidth=1.6 if n_layers <= 20 else 0.9,
            marker="o" if len(steps) <= 25 else "",
            markersize=3 if n_layers <= 20 else 1.5,
            label="output" if is_output else f"layer {layer + 1}",
        )
    axes.set_xlabel("step (update of the weights)")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    _use_log_axis(axes, finite)


def _use_log_axis(axes: Axes, values: Array) -> None:
    positive = values[values > 0]
    if positive.size and positive.max() > 100 * positive.min():
        axes.set_yscale("log")


def _draw_healthy(axes: Axes, values: Array) -> None:
    if not (values > 0).any():
        fill_with_words(axes, "no finite update recorded")
        return
    axes.set_yscale("log")
    axes.axhline(HEALTHY_RATIO, color=INK, linewidth=1, linestyle=":", label="healthy: about 0.001")


def _name_layers(drawing: Drawing, norm: Axes, ratio: Axes, n_layers: int) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    handles, labels = ratio.get_legend_handles_labels()
    if n_layers > MOST_NAMED:
        scale = ScalarMappable(Normalize(1, n_layers), _colours())
        bar = drawing.colorbar(scale, ax=[norm, ratio], aspect=35, pad=0.01)
        bar.set_label("layer, from the input; dashed: output")
        handles, labels = handles[n_layers - 1 :], labels[n_layers - 1 :]
    drawing.legend(handles, labels, loc="outside lower center", ncols=5)


def _colour(layer: int, n_layers: int) -> tuple[float, ...]:
    return _colours()(layer / max(n_layers - 1, 1))


def _colours():  # type: ignore[no-untyped-def]
    """viridis without its palest yellow, which white paper swallows."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    return ListedColormap(colormaps["viridis"](np.linspace(0, 0.85, 256)))
