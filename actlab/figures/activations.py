"""What the units of each layer put out."""

from math import isfinite
from typing import ClassVar

from actlab.figures.histograms import LayerHistograms
from actlab.record import Record


class Activations(LayerHistograms):
    """Histogram of the activations of every hidden layer, with their mean and std.

    Source: CS231n lecture 6 (2017), "Weight initialization"; Glorot and Bengio (2010), figure 6.
    """

    name: ClassVar[str] = "activations"
    tensor: ClassVar[str] = "activation"
    title: ClassVar[str] = "Activations by layer"
    quantity: ClassVar[str] = "activation"

    def bounds(self, record: Record) -> tuple[float, float] | None:
        """The whole range of a bounded activation: collapse and saturation are relative to it."""
        low, high = record.experiment.model.activation.bounds
        margin = 0.03 * (high - low)
        return (low - margin, high + margin) if isfinite(margin) else None
