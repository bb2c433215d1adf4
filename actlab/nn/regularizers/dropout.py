"""Dropout of hidden units."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.layer import Layer, Memory
from actlab.nn.regularizers.base import Regularizer

LEVELS = 1 << 16


class Dropout(Regularizer):
    """y = x mask / (1 - rate) in training, each unit kept with probability 1 - rate; y = x at test.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), "Dropout: a simple
    way to prevent neural networks from overfitting", in its inverted form.
    """

    name: ClassVar[str] = "dropout"
    main: ClassVar[str] = "rate"

    rate: float = Field(0.5, ge=0, lt=1, description="share of units dropped")

    def hidden_layer(self) -> Layer | None:
        return DropoutLayer(self.rate) if self.rate > 0 else None


@dataclass(frozen=True)
class DropoutLayer(Layer):
    """Inverted dropout, its masks from 16 random bits a unit.

    The share kept is a multiple of 2^-16, and the scale its exact inverse: the expectation of the
    output is the input.
    """

    rate: float

    def claim(self, n_in: int, m: Memory) -> int:
        m.rows("y", n_in)
        m.rows("mask", n_in)
        return n_in

    def forward(self, x: Array, m: Memory) -> Array:
        if not m.training:
            return x
        kept = max(1, round((1 - self.rate) * LEVELS))
        bits = m.rng.integers(0, LEVELS, x.shape, np.uint16)
        np.multiply(np.less(bits, kept), m.mask.dtype.type(LEVELS / kept), out=m.mask)
        return np.multiply(x, m.mask, out=m.y)

    def backward(self, dy: Array, m: Memory) -> Array:
        return np.multiply(dy, m.mask, out=dy) if m.training else dy
