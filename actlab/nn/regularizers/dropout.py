"""Dropout of hidden units and of inputs."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.layer import Layer, Memory
from actlab.nn.masks import draw, share_kept
from actlab.nn.regularizers.base import Regularizer

Scale = Literal["training", "test"]


class Dropout(Regularizer):
    """y = x mask / (1 - rate) in training, each unit kept with probability 1 - rate; y = x at test.

    That is the inverted form. With `scale: test`, as in the paper, y = x mask in training and
    y = (1 - rate) x at test: the same predictor, but for what the first weights mean.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), "Dropout: a simple
    way to prevent neural networks from overfitting", sections 4 and 10.
    """

    name: ClassVar[str] = "dropout"
    main: ClassVar[str] = "rate"

    rate: float = Field(0.5, ge=0, lt=1, description="share of hidden units dropped")
    input: float = Field(0.0, ge=0, lt=1, description="share of inputs dropped")
    scale: Scale = Field("training", description="when outputs are scaled: training or test")

    def input_layer(self) -> Layer | None:
        return DropoutLayer(self.input, self.scale) if self.input > 0 else None

    def hidden_layer(self) -> Layer | None:
        return DropoutLayer(self.rate, self.scale) if self.rate > 0 else None


@dataclass(frozen=True)
class DropoutLayer(Layer):
    """Dropout of one layer's units.

    The share kept is a multiple of 2^-16, and the scale its exact inverse: the expectation of the
    output in training is the output at test.
    """

    noise: ClassVar[bool] = True
    sampled: ClassVar[bool] = True

    rate: float
    scale: Scale = "training"

    def claim(self, n_in: int, m: Memory) -> int:
        m.rows("y", n_in)
        m.rows("mask", n_in)
        return n_in

    def forward(self, x: Array, m: Memory) -> Array:
        if m.draws:
            value = 1 / share_kept(self.rate) if self.scale == "training" else 1.0
            return np.multiply(x, draw(m.rng, self.rate, value, m.mask), out=m.y)
        return x if self.scale == "training" else np.multiply(x, share_kept(self.rate), out=m.y)

    def backward(self, dy: Array, m: Memory) -> Array:
        if not m.needs_dx:
            return dy
        if m.draws:
            return np.multiply(dy, m.mask, out=dy)
        return dy if self.scale == "training" else np.multiply(dy, share_kept(self.rate), out=dy)
