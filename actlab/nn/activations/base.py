"""What every activation declares, and the elementwise kind that two functions define."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from math import inf, sqrt
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from actlab.arrays import Array
from actlab.config import Part
from actlab.nn.layer import Layer, Memory

SATURATED_BELOW = 0.01
"""A unit saturates where |f'| is below this share of max |f'|."""


class Activation(Part, Layer):
    """A nonlinearity: a part of the config, a layer of the network, and a function of any array."""

    family: ClassVar[str] = "activation"
    homogeneous: ClassVar[bool] = False
    """Whether f(kx) = k f(x) for every k > 0."""

    @property
    def widening(self) -> int:
        """How many pre-activations each unit takes; the dense layer below is wider by as much."""
        return 1

    @property
    def kinks(self) -> Mapping[float, float]:
        """Where f is not differentiable, and the slope that backward uses there."""
        return {}

    @property
    def steepest(self) -> float:
        """max |f'|, the measure of saturation."""
        return 1.0

    @property
    def bounds(self) -> tuple[float, float]:
        """Infimum and supremum of f."""
        return (-inf, inf)

    @property
    def gain(self) -> float:
        """What initializers scale by: 1/sqrt(E[f(z)^2]), z ~ N(0,1), for homogeneous functions.

        Others get the sqrt(2) of ReLU, the only case that He et al. (2015) derive besides PReLU.
        """
        return sqrt(2)

    @abstractmethod
    def value(self, x: ArrayLike) -> Array:
        """f(x) for an array of any shape."""

    @abstractmethod
    def gradient(self, x: ArrayLike, dy: ArrayLike) -> Array:
        """dx = f'(x) dy for an array of any shape."""

    @abstractmethod
    def slopes(self, m: Memory) -> Array:
        """f' at the pre-activations of the last forward pass, one number per unit and example."""

    def branches(self, m: Memory) -> Array:
        """Which smooth piece of f each pre-activation of the last forward pass lies on."""
        return np.searchsorted(sorted(self.kinks), m.x)

    def saturated(self, slopes: Array) -> Array:
        """Where |f'| is below 1% of its maximum."""
        return np.abs(slopes) < SATURATED_BELOW * self.steepest

    @classmethod
    def facts(cls) -> dict[str, str]:
        part = cls()
        kinks = [f"f'({x:g}) = {slope:g}" for x, slope in part.kinks.items()]
        return {
            "at kinks": ", ".join(kinks) or "smooth",
            "positively homogeneous": "yes" if cls.homogeneous else "no",
            "range": "{:g} to {:g}".format(*part.bounds),
            "max |f'|": f"{part.steepest:g}",
            "gain": f"{part.gain:.6g}",
        }


class Elementwise(Activation):
    """An activation that acts on each number alone, defined by its value and its slope."""

    @abstractmethod
    def value_into(self, x: Array, out: Array) -> None:
        """Write f(x) to `out`, which is not `x`."""

    @abstractmethod
    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        """Write f'(x), given y = f(x), to `out`, which is neither `x` nor `y`."""

    def value(self, x: ArrayLike) -> Array:
        x = floating(x)
        out = np.empty_like(x)
        self.value_into(x, out)
        return out

    def derivative(self, x: ArrayLike) -> Array:
        """f'(x) for an array of any shape."""
        x = floating(x)
        out = np.empty_like(x)
        self.slope_into(x, self.value(x), out)
        return out

    def gradient(self, x: ArrayLike, dy: ArrayLike) -> Array:
        return self.derivative(x) * dy

    def claim(self, n_in: int, m: Memory) -> int:
        m.rows("y", n_in)
        m.scratch("slope", n_in)
        return n_in

    def forward(self, x: Array, m: Memory) -> Array:
        m.x = x
        self.value_into(x, m.y)
        return m.y

    def backward(self, dy: Array, m: Memory) -> Array:
        return np.multiply(dy, self.slopes(m), out=dy)

    def slopes(self, m: Memory) -> Array:
        self.slope_into(m.x, m.y, m.slope)
        return m.slope


def floating(x: ArrayLike) -> Array:
    """x as an array of floats: its own kind of float if it has one, otherwise float64."""
    array: np.ndarray[Any, Any] = np.asarray(x)
    return array if np.issubdtype(array.dtype, np.floating) else array.astype(np.float64)
