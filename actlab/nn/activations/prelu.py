"""Parametric rectified linear unit: the slope on the left is learned."""

from collections.abc import Mapping
from math import sqrt
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations.base import Activation, floating
from actlab.nn.layer import Memory


class PReLU(Activation):
    """f(x) = max(0, x) + a min(0, x), with a learned slope a per unit, or one shared by the layer.

    a = 1 is the identity, a = -1 full rectification |x|. The slope is not decayed: that would push
    it towards ReLU.

    Source: He, Zhang, Ren and Sun (2015), "Delving deep into rectifiers", arXiv 1502.01852.
    """

    name: ClassVar[str] = "prelu"
    homogeneous: ClassVar[bool] = True

    start: float = Field(0.25, description="slope left of zero before training")
    shared: bool = Field(False, description="one slope for the whole layer")

    @property
    def kinks(self) -> Mapping[float, float]:
        return {0.0: self.start}

    @property
    def steepest(self) -> float:
        return max(1.0, abs(self.start))

    @property
    def gain(self) -> float:
        return sqrt(2 / (1 + self.start**2))

    def value(self, x: ArrayLike) -> Array:
        x = floating(x)
        return np.maximum(x, 0) + self.start * np.minimum(x, 0)

    def gradient(self, x: ArrayLike, dy: ArrayLike) -> Array:
        x = floating(x)
        return np.where(x > 0, dy, np.multiply(dy, self.start)).astype(x.dtype, copy=False)

    def claim(self, n_in: int, m: Memory) -> int:
        m.parameter("a", (1,) if self.shared else (n_in,), decays=False)
        m.rows("y", n_in)
        m.rows("left", n_in)
        m.scratch("slope", n_in)
        return n_in

    def initialize(self, m: Memory, rng: np.random.Generator) -> None:
        m.a[...] = self.start

    def forward(self, x: Array, m: Memory) -> Array:
        m.x = x
        np.minimum(x, 0, out=m.left)
        np.multiply(m.left, m.a, out=m.y)
        return np.add(m.y, np.maximum(x, 0, out=m.slope), out=m.y)

    def backward(self, dy: Array, m: Memory) -> Array:
        per_unit = m.ones @ np.multiply(dy, m.left, out=m.left)
        m.da[...] = per_unit.sum() if self.shared else per_unit
        return np.multiply(dy, self.slopes(m), out=dy)

    def slopes(self, m: Memory) -> Array:
        m.slope[...] = m.a
        np.copyto(m.slope, 1, where=np.greater(m.x, 0))
        return m.slope
