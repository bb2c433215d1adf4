"""What every activation declares, and the elementwise kind that two functions define."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
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

    def now(self, m: Memory) -> Activation:
        """The function that it is at this moment of training: itself, unless it changes by plan."""
        return self

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
    """An activation that acts on each number alone, defined by its value and its slope.

    Both get blocks small enough for the cache, so a temporary costs little: what takes time in
    NumPy is not the arithmetic but the way to memory and back.
    """

    block: ClassVar[int] = 1 << 19
    """Bytes of each array to take at a time. Smaller ones would stay in a nearer cache, but there
    the calls cost more than the way to the next one."""

    @abstractmethod
    def value_into(self, x: Array, out: Array) -> None:
        """Write f(x) to `out`, which is not `x`."""

    @abstractmethod
    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        """Write f'(x), given y = f(x), to `out`, which is neither `x` nor `y`."""

    def pull(self, x: Array, y: Array, dy: Array, slope: Array) -> None:
        """Turn dy into dx = f'(x) dy in place, given y = f(x) and an array to write slopes to."""
        self.slope_into(x, y, slope)
        np.multiply(dy, slope, out=dy)

    def value(self, x: ArrayLike) -> Array:
        return in_blocks(self.value_into, floating(x), self.block)

    def derivative(self, x: ArrayLike) -> Array:
        """f'(x) for an array of any shape."""

        def slope_into(x: Array, out: Array) -> None:
            y = np.empty_like(x)
            self.value_into(x, y)
            self.slope_into(x, y, out)

        return in_blocks(slope_into, floating(x), self.block)

    def gradient(self, x: ArrayLike, dy: ArrayLike) -> Array:
        return self.derivative(x) * dy

    def claim(self, n_in: int, m: Memory) -> int:
        m.rows("y", n_in)
        m.scratch("slope", n_in)
        return n_in

    def forward(self, x: Array, m: Memory) -> Array:
        m.x = x
        for part in blocks(x, self.block):
            self.value_into(x[part], m.y[part])
        return m.y

    def backward(self, dy: Array, m: Memory) -> Array:
        for part in blocks(dy, self.block):
            given = dy[part]
            self.pull(m.x[part], m.y[part], given, m.slope[: len(given)])
        return dy

    def slopes(self, m: Memory) -> Array:
        for part in blocks(m.x, self.block):
            self.slope_into(m.x[part], m.y[part], m.slope[part])
        return m.slope


class Gate(Elementwise):
    """An elementwise activation that lets a gradient through or stops it: f' is 1 or 0."""

    block: ClassVar[int] = 1 << 20  # with no temporary but a mask of a quarter of the size

    @abstractmethod
    def passes(self, x: Array, y: Array) -> Array:
        """Where f'(x) is 1, given y = f(x)."""

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        np.copyto(out, self.passes(x, y))

    def pull(self, x: Array, y: Array, dy: Array, slope: Array) -> None:
        np.multiply(dy, self.passes(x, y), out=dy)


class Fused(Elementwise):
    """An elementwise activation whose value and slope share their costly part.

    Forward computes both and keeps the slope: backward is one product.
    """

    @abstractmethod
    def both_into(self, x: Array, out: Array, slope: Array) -> None:
        """Write f(x) to `out` and f'(x) to `slope`; neither is `x`."""

    def value_into(self, x: Array, out: Array) -> None:
        self.both_into(x, out, np.empty_like(x))

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        self.both_into(x, np.empty_like(x), out)

    def claim(self, n_in: int, m: Memory) -> int:
        m.rows("y", n_in)
        m.rows("slope", n_in)
        return n_in

    def forward(self, x: Array, m: Memory) -> Array:
        m.x = x
        for part in blocks(x, self.block):
            self.both_into(x[part], m.y[part], m.slope[part])
        return m.y

    def backward(self, dy: Array, m: Memory) -> Array:
        return np.multiply(dy, m.slope, out=dy)

    def slopes(self, m: Memory) -> Array:
        return m.slope


def tamed(x: Array, edge: float) -> Array:
    """x, cut off at +-edge if a number is infinite, or beyond 1e9, where powers of it would be.

    A gate of 0 times infinity would not be 0. The sum of squares tells in a fraction of the time of
    a pass.
    """
    return x if np.vdot(x, x) < 1e18 else np.clip(x, -edge, edge)


def uncut(x: Array, z: Array, out: Array) -> None:
    """Write x to `out` where z = tamed(x) was cut off on the right: there f(x) is x."""
    if z is not x:
        np.copyto(out, x, where=x > z)


def blocks(x: Array, size: int) -> Iterator[slice]:
    """The first axis of x in slices of about `size` bytes."""
    rows = max(1, size * len(x) // max(1, x.nbytes))
    return (slice(start, start + rows) for start in range(0, len(x), rows))


def in_blocks(into: Callable[[Array, Array], None], x: Array, size: int) -> Array:
    """What `into(x, out)` writes for each block of x, an array of any shape.

    Half precision is computed in single and rounded once.
    """
    if x.dtype == np.float16:
        return in_blocks(into, x.astype(np.float32), size).astype(np.float16)
    flat = x.reshape(-1)
    out = np.empty_like(flat)
    for part in blocks(flat, size):
        into(flat[part], out[part])
    return out.reshape(x.shape)


def floating(x: ArrayLike) -> Array:
    """x as an array of floats: its own kind of float if it has one, otherwise float64."""
    array: np.ndarray[Any, Any] = np.asarray(x)
    return array if np.issubdtype(array.dtype, np.floating) else array.astype(np.float64)
