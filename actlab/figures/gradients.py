"""What backpropagation brings to each layer."""

from typing import ClassVar

from actlab.figures.histograms import LayerHistograms


class Gradients(LayerHistograms):
    """Histogram of the loss gradients reaching the activations of every hidden layer.

    Source: Glorot and Bengio (2010), figure 7.
    """

    name: ClassVar[str] = "gradients"
    tensor: ClassVar[str] = "activation_gradient"
    title: ClassVar[str] = "Gradients reaching the activations, by layer"
    quantity: ClassVar[str] = "loss gradient"
