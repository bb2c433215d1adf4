"""Images before and after every step of augmentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.arrays import Array
from actlab.data.augmentation import chain
from actlab.data.dataset import Dataset
from actlab.experiment import Experiment
from actlab.figures.style import DPI, FAINT, house_style
from actlab.nn.losses import Labels, MixedLabels
from actlab.randomness import generator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

IMAGES = 8
CELL = 1.05
"""Inches of an image's side."""

Column = tuple[str, Array, list[str]]
"""Title, images (n, channels, height, width), and what stands below each."""


@house_style()
def contact_sheet(experiment: Experiment, data: Dataset) -> Drawing:
    """The first images of the first training batch, a row each, after each step a column.

    They are the very images that a run of the experiment trains on first.
    """
    from matplotlib.figure import Figure as Drawing

    columns = list(_columns(experiment, data))
    n = len(columns[0][1])
    size = (CELL * len(columns) + 0.3, 1.2 * CELL * n + 0.6)
    drawing = Drawing(figsize=size, dpi=DPI, layout="constrained")
    drawing.suptitle(f"{experiment.name}: the first training images")
    every_axes = drawing.subplots(n, len(columns), squeeze=False)
    for of_column, (title, images, captions) in zip(every_axes.T, columns, strict=True):
        of_column[0].set_title(title, fontsize=8)
        for axes, image, caption in zip(of_column, images, captions, strict=True):
            _show(axes, image, caption)
    return drawing


def _columns(experiment: Experiment, data: Dataset) -> list[Column]:
    """The images as they came, and after each step; captions where labels change."""
    order = generator(experiment.seed, "shuffle", 1).permutation(len(data.train))
    chosen = order[: experiment.train.batch_size]
    rows, labels = data.train.x[chosen], data.train.labels[chosen]
    as_they_came = rows.reshape(-1, *data.shape)[:IMAGES]
    columns = [("as they came", as_they_came, _captions(labels, data.classes))]
    blank = [""] * len(as_they_came)
    fitted = chain.fit(experiment.data.augment, data, experiment.seed)
    for step, images, now in fitted.stages(rows, labels, 1, 0):
        captions = _captions(now, data.classes) if step.mixes else blank
        columns.append((step.name.replace("_", "\n"), images[:IMAGES], captions))
    return columns


def _captions(labels: Labels, classes: tuple[str, ...]) -> list[str]:
    if not isinstance(labels, MixedLabels):
        return [classes[label] for label in labels[:IMAGES]]
    pairs = zip(labels.labels[:IMAGES], labels.partners[:IMAGES], strict=True)
    a = labels.weight
    return [f"{a:.2f} {classes[i]}\n{1 - a:.2f} {classes[j]}" for i, j in pairs]


def _show(axes: Axes, image: Array, caption: str) -> None:
    pixels = np.moveaxis(image, 0, -1) if len(image) == 3 else image[0]
    axes.imshow(pixels, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.set_xlabel(caption, fontsize=6.5, labelpad=2)
    for spine in axes.spines.values():
        spine.set(visible=True, color=FAINT, linewidth=0.5)
