"""Dropout of connections."""

from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.dense import Dense
from actlab.nn.layer import Memory
from actlab.nn.masks import draw, share_kept
from actlab.nn.regularizers.base import Regularizer


class DropConnect(Regularizer):
    """y = x (W mask) / (1 - rate) + b in training, each weight kept with probability 1 - rate.

    One mask serves a whole batch, where the paper draws one for each example: in NumPy the batch
    then stays one matrix product. Hidden layers only; biases are not dropped. At test y = x W + b,
    the expectation; the paper draws the sums of the layer from a normal distribution
    instead, which `monte_carlo` comes near to by drawing masks.

    Source: Wan, Zeiler, Zhang, LeCun and Fergus (2013), "Regularization of neural networks using
    DropConnect".
    """

    name: ClassVar[str] = "dropconnect"
    main: ClassVar[str] = "rate"

    rate: float = Field(0.5, ge=0, lt=1, description="share of connections dropped")

    def connected(self, dense: Dense) -> Dense:
        if self.rate == 0:
            return dense
        settings = {field.name: getattr(dense, field.name) for field in fields(dense)}
        return DropConnected(**settings, rate=self.rate)


@dataclass(frozen=True)
class DropConnected(Dense):
    """A dense layer whose weights are dropped for a batch."""

    sampled: ClassVar[bool] = True

    rate: float = 0.5

    def claim(self, n_in: int, m: Memory) -> int:
        n_out = super().claim(n_in, m)
        m.fixed("mask", (n_in, n_out))
        m.fixed("kept", (n_in, n_out))
        return n_out

    def forward(self, x: Array, m: Memory) -> Array:
        if not m.draws:
            return super().forward(x, m)
        m.x = x
        draw(m.rng, self.rate, 1 / share_kept(self.rate), m.mask)
        np.matmul(x, np.multiply(m.W, m.mask, out=m.kept), out=m.y)
        return np.add(m.y, m.b, out=m.y)

    def backward(self, dy: Array, m: Memory) -> Array:
        if not m.draws:
            return super().backward(dy, m)
        np.matmul(m.x.T, dy, out=m.dW)
        np.multiply(m.dW, m.mask, out=m.dW)
        np.matmul(m.ones, dy, out=m.db)
        return np.matmul(dy, m.kept.T, out=m.dx) if m.needs_dx else dy
