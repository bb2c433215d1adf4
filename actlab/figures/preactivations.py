"""What enters the activation functions."""

from typing import ClassVar

from actlab.figures.histograms import LayerHistograms


class Preactivations(LayerHistograms):
    """Histogram of the pre-activations of every hidden layer, with their mean and std.

    Source: CS231n lecture 6 (2017); He, Zhang, Ren and Sun (2015), section 2.2, whose derivation is
    of their variance.
    """

    name: ClassVar[str] = "preactivations"
    tensor: ClassVar[str] = "preactivation"
    title: ClassVar[str] = "Pre-activations by layer"
    quantity: ClassVar[str] = "pre-activation"
