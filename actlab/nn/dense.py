"""The fully connected layer."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np

from actlab.arrays import Array, shares
from actlab.nn.activations import Activation
from actlab.nn.activations.identity import Identity
from actlab.nn.initializers.base import Initializer, Zeros
from actlab.nn.layer import Layer, Memory

WORTHWHILE = 1 << 21
"""Multiplications in a product, below which handing over costs more than it saves."""


@dataclass(frozen=True)
class Dense(Layer):
    """y = x W + b, with W (n_in, units * pieces of the activation).

    `activation` is the one that follows, for the initializers that scale by it; none is linear. One
    of several pieces (maxout) makes the layer wider, not its fans: each piece is drawn as a matrix
    (n_in, units) of its own.
    """

    units: int
    init: Initializer
    bias_init: Initializer = field(default_factory=Zeros)
    activation: Activation = field(default_factory=Identity)

    @property
    def adapts(self) -> bool:
        return self.init.adapts

    def claim(self, n_in: int, m: Memory) -> int:
        n_out = self.units * self.activation.widening
        m.parameter("W", (n_in, n_out), decays=True)
        m.parameter("b", (n_out,), decays=False)
        m.rows("y", n_out)
        m.rows("dx", n_in)
        return n_out

    def initialize(self, m: Memory, rng: np.random.Generator) -> None:
        n_in = len(m.W)
        for piece in np.split(m.W, self.activation.widening, axis=1):
            piece[...] = self.init.sample(n_in, self.units, rng, activation=self.activation)
        m.b[...] = self.bias_init.sample(1, m.b.size, rng)[0]

    def adapt(self, x: Array, m: Memory) -> None:
        self.init.adapt(m.W, lambda: self.forward(x, m))

    def forward(self, x: Array, m: Memory) -> Array:
        m.x = x
        _multiply(x, m.W, m.y, m)
        return np.add(m.y, m.b, out=m.y)

    def backward(self, dy: Array, m: Memory) -> Array:
        if m.deferred:
            m.dy = dy
        else:
            np.matmul(m.x.T, dy, out=m.dW)
        np.matmul(m.ones, dy, out=m.db)
        return _multiply(dy, m.W.T, m.dx, m) if m.needs_dx else dy


def _multiply(x: Array, W: Array, out: Array, m: Memory) -> Array:
    """out = x W; where a team shares the columns of products, each member takes some of them."""
    number = m.shares_columns_in
    if number == 1 or len(x) * W.size < WORTHWHILE:
        return np.matmul(x, W, out=out)

    def take(columns: slice) -> None:
        np.matmul(x, W[:, columns], out=out[:, columns])

    m.team.together(partial(take, columns) for columns in shares(W.shape[1], number))
    return out
