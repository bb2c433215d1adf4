"""Maxout: the largest of several linear pieces."""

from math import erf, pi, sqrt
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations.base import Activation, floating
from actlab.nn.layer import Memory


class Maxout(Activation):
    """f(x) = max over k of x_k, where each of the `pieces` has its own weights.

    The pre-activations x (..., pieces * units) hold piece after piece; y is (..., units). The
    gradient goes to the largest piece, to the first of equals. Two pieces contain ReLU and leaky
    ReLU and have twice the parameters.

    Source: Goodfellow, Warde-Farley, Mirza, Courville and Bengio (2013), "Maxout networks",
    arXiv 1302.4389.
    """

    name: ClassVar[str] = "maxout"
    homogeneous: ClassVar[bool] = True

    pieces: int = Field(2, ge=2, le=64, description="linear pieces per unit")

    @property
    def widening(self) -> int:
        return self.pieces

    @property
    def gain(self) -> float:
        """1/sqrt(E[max_k z_k^2]) over independent unit normal pieces; 1 for two of them."""
        z = np.linspace(-12, 12, 4801)
        below = np.array([(1 + erf(v / sqrt(2))) / 2 for v in z])
        density = self.pieces * below ** (self.pieces - 1) * np.exp(-z * z / 2) / sqrt(2 * pi)
        return float(1 / sqrt(np.sum(z * z * density) * (z[1] - z[0])))

    def value(self, x: ArrayLike) -> Array:
        blocks = self._blocks(floating(x))
        return np.asarray(np.maximum.reduce(blocks, axis=-2))

    def gradient(self, x: ArrayLike, dy: ArrayLike) -> Array:
        blocks = self._blocks(floating(x))
        winner = np.arange(self.pieces)[:, None] == blocks.argmax(axis=-2)[..., None, :]
        routed = np.where(winner, np.asarray(dy)[..., None, :], 0).astype(blocks.dtype, copy=False)
        return routed.reshape(np.shape(x))

    def claim(self, n_in: int, m: Memory) -> int:
        units = n_in // self.pieces
        m.rows("y", units)
        m.rows("dx", n_in)
        m.scratch("open", units, bool)
        m.scratch("won", units, bool)
        return units

    def forward(self, x: Array, m: Memory) -> Array:
        m.x = x
        first, *others = np.split(x, self.pieces, axis=1)
        np.copyto(m.y, first)
        for piece in others:
            np.maximum(m.y, piece, out=m.y)
        return m.y

    def backward(self, dy: Array, m: Memory) -> Array:
        m.open[...] = True
        pieces = np.split(m.x, self.pieces, axis=1)
        for piece, dx in zip(pieces, np.split(m.dx, self.pieces, axis=1), strict=True):
            np.logical_and(np.equal(piece, m.y, out=m.won), m.open, out=m.won)
            np.multiply(dy, m.won, out=dx)
            np.logical_and(m.open, np.logical_not(m.won, out=m.won), out=m.open)
        return m.dx

    def slopes(self, m: Memory) -> Array:
        return np.ones_like(m.y)

    def branches(self, m: Memory) -> Array:
        return self._blocks(m.x).argmax(axis=-2)

    def _blocks(self, x: Array) -> Array:
        if x.shape[-1] % self.pieces:
            raise ValueError(f"the last axis ({x.shape[-1]}) must divide by pieces ({self.pieces})")
        return x.reshape(*x.shape[:-1], self.pieces, -1)
