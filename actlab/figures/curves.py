"""How training went."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from actlab.figures.base import Figure
from actlab.figures.style import BLUE, FAINT, VERMILLION, house_style, sheet
from actlab.nn.losses import CrossEntropy
from actlab.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

_SPLITS: dict[str, dict[str, Any]] = {
    "train": {"label": "training (mean over the epoch)", "color": BLUE, "marker": "o"},
    "val": {"label": "validation", "color": VERMILLION, "marker": "s", "linestyle": "--"},
}


class Curves(Figure):
    """Loss and accuracy over the epochs, on training and validation data.

    Source: CS231n course notes (Karpathy, 2015), "Babysitting the learning process".
    """

    name: ClassVar[str] = "curves"

    @house_style()
    def draw(self, record: Record) -> Drawing | None:
        if not record.metrics or record.experiment.train.epochs == 0:
            return None
        drawing = sheet(record, "Loss and accuracy", 3.9, _notes(record))
        loss, accuracy = drawing.subplots(1, 2)
        _draw_curves(loss, record, "loss")
        _draw_chance(loss, record)
        _scale_loss(loss, record)
        _draw_curves(accuracy, record, "accuracy")
        _scale_accuracy(accuracy)
        handles = {label: h for h, label in zip(*loss.get_legend_handles_labels(), strict=True)}
        drawing.legend(handles.values(), handles, loc="outside lower center", ncols=3)
        return drawing


def _notes(record: Record) -> list[str]:
    if "test_accuracy" not in record.final:
        return []
    return [f"test accuracy {record.final['test_accuracy']:.1%}"]


def _draw_curves(axes: Axes, record: Record, metric: str) -> None:
    from matplotlib.ticker import MaxNLocator

    epochs = record.column("epoch")
    size = 4.5 if len(epochs) <= 25 else 0
    for split, look in _SPLITS.items():
        values = record.column(f"{split}_{metric}")
        if np.isfinite(values).any():
            values = np.where(np.isfinite(values), values, np.nan)
            axes.plot(epochs, values, **{**look, "markersize": size})
    axes.set_xlabel("epoch (0: before training)")
    axes.set_ylabel(metric)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True, min_n_ticks=1))
    if len(epochs) == 1:
        axes.set_xlim(-0.5, 1.5)


def _draw_chance(axes: Axes, record: Record) -> None:
    """The line of a network that knows nothing: ln(classes)."""
    if isinstance(record.experiment.train.loss, CrossEntropy):
        n = record.experiment.data.source.n_classes
        label = f"ln {n} = {log(n):.2f}: every class equally likely"
        axes.axhline(log(n), color=FAINT, linewidth=1, linestyle=":", label=label)


def _scale_loss(axes: Axes, record: Record) -> None:
    """From zero; on a logarithmic axis if the losses span more than two decades."""
    losses = np.concatenate([record.column(f"{split}_loss") for split in _SPLITS])
    losses = losses[np.isfinite(losses) & (losses > 0)]
    if losses.size and losses.max() > 100 * losses.min():
        axes.set_yscale("log")
    elif losses.size:
        axes.set_ylim(0, 1.08 * max(losses.max(), axes.get_ylim()[1]))


def _scale_accuracy(axes: Axes) -> None:
    from matplotlib.ticker import PercentFormatter

    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1))
