"""Randomized leaky rectified linear unit."""

from collections.abc import Mapping
from math import sqrt
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field, model_validator

from actlab.arrays import Array
from actlab.nn.activations.base import Activation, floating
from actlab.nn.layer import Memory

LEVELS = 1 << 16


class RReLU(Activation):
    """f(x) = x where x > 0, otherwise a x, with a drawn from U(lower, upper) for every number.

    At evaluation, and as a function of any array, a is the mean of the range.

    Source: Xu, Wang, Chen and Li (2015), "Empirical evaluation of rectified activations in
    convolutional network", arXiv 1505.00853, who divide by U(3, 8) where this multiplies.
    """

    name: ClassVar[str] = "rrelu"
    homogeneous: ClassVar[bool] = True

    lower: float = Field(1 / 8, ge=0, le=1, description="least slope left of zero")
    upper: float = Field(1 / 3, gt=0, le=1, description="largest slope left of zero")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.lower > self.upper:
            raise ValueError(f"lower ({self.lower:g}) must not exceed upper ({self.upper:g})")
        return self

    @property
    def mean(self) -> float:
        """The slope at evaluation."""
        return (self.lower + self.upper) / 2

    @property
    def kinks(self) -> Mapping[float, float]:
        return {0.0: self.mean}

    @property
    def gain(self) -> float:
        a, b = self.lower, self.upper
        return sqrt(2 / (1 + (a * a + a * b + b * b) / 3))

    def value(self, x: ArrayLike) -> Array:
        x = floating(x)
        return np.maximum(x, self.mean * x)

    def gradient(self, x: ArrayLike, dy: ArrayLike) -> Array:
        x = floating(x)
        return np.maximum(np.greater(x, 0), x.dtype.type(self.mean)) * np.asarray(dy, x.dtype)

    def claim(self, n_in: int, m: Memory) -> int:
        m.rows("y", n_in)
        m.rows("slope", n_in)
        return n_in

    def forward(self, x: Array, m: Memory) -> Array:
        m.x = x
        if m.training:
            self._draw_into(m.slope, m.rng)
        else:
            m.slope[...] = self.mean
        np.maximum(m.slope, np.greater(x, 0), out=m.slope)
        return np.multiply(x, m.slope, out=m.y)

    def _draw_into(self, slope: Array, rng: np.random.Generator) -> None:
        """16 random bits a number, in the middles of as many equal parts of the range."""
        step = (self.upper - self.lower) / LEVELS
        np.copyto(slope, rng.integers(0, LEVELS, slope.shape, np.uint16))
        np.add(np.multiply(slope, step, out=slope), self.lower + step / 2, out=slope)

    def backward(self, dy: Array, m: Memory) -> Array:
        return np.multiply(dy, m.slope, out=dy)

    def slopes(self, m: Memory) -> Array:
        return m.slope
