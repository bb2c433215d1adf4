"""The identity skip of a residual block, as two layers around it.

The layers of a network stay in one row: `Fork` remembers what enters the block, `Join` adds it to
what comes out. Source: He, Zhang, Ren and Sun (2015), "Deep residual learning for image
recognition", arXiv 1512.03385.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from actlab.arrays import Array
from actlab.nn.layer import Layer, Memory


@dataclass(frozen=True)
class Fork(Layer):
    """y = x; in backward, the gradient that went round the block is added to that through it."""

    block: str

    def claim(self, n_in: int, m: Memory) -> int:
        m.link("skip", self.block)
        return n_in

    def forward(self, x: Array, m: Memory) -> Array:
        m.skip.x = x
        return x

    def backward(self, dy: Array, m: Memory) -> Array:
        return np.add(dy, m.skip.dy, out=dy)


@dataclass(frozen=True)
class Join(Layer):
    """y = x + what entered the block."""

    block: str

    def claim(self, n_in: int, m: Memory) -> int:
        m.link("skip", self.block)
        m.rows("y", n_in)
        m.rows("round", n_in)
        return n_in

    def forward(self, x: Array, m: Memory) -> Array:
        return np.add(x, m.skip.x, out=m.y)

    def backward(self, dy: Array, m: Memory) -> Array:
        np.copyto(m.round, dy)
        m.skip.dy = m.round
        return dy
