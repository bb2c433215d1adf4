"""Fractional pooling of the images."""

from math import sqrt
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.data.augmentation.base import Augmentation, Shape
from actlab.data.augmentation.geometry import as_bytes


class FractionalPooling(Augmentation):
    """Pools an image of n pixels a side to floor(n / ratio) by regions 1 or 2 pixels high and wide.

    The regions' bounds 0 = a_0 < a_1 < ... = n differ from image to image: in random order, or
    pseudorandom, a_i = ceil(alpha (i + u)) - ceil(alpha u) for alpha = n_in / n_out and one u from
    U(0, 1) a side. Disjoint regions are [a_(i-1), a_i - 1], overlapping ones [a_(i-1), a_i] within
    the image. The network's input shrinks; where nothing is drawn the regions are pseudorandom with
    u = 1/2, and `data.test_time: samples` averages over drawn ones.

    Source: Graham (2014), "Fractional max-pooling", arXiv 1412.6071, section 2.
    """

    name: ClassVar[str] = "fractional_pooling"

    ratio: float = Field(sqrt(2), gt=1, le=2, description="input pixels per output pixel and side")
    regions: Literal["pseudorandom", "random"] = Field(
        "pseudorandom", description="how bounds are drawn: pseudorandom or random"
    )
    overlapping: bool = Field(True, description="whether neighbouring regions share a pixel's row")
    pool: Literal["max", "average"] = Field("max", description="max or average of a region")

    def shape_out(self, shape: Shape) -> Shape:
        return (shape[0], *(self._pooled(side) for side in shape[1:]))

    def _pooled(self, side: int) -> int:
        # no region is larger than 2, so no side shrinks to less than half
        return max(int(side / self.ratio), -(-side // 2))

    def change(self, x: Array, rng: np.random.Generator) -> Array:
        n, _, *sides = x.shape
        return self._through(x, [self.bounds(n, side, rng) for side in sides])

    def calm(self, x: Array) -> Array:
        each = [self._spaced(np.full(1, (side - 1) // 2), side) for side in x.shape[2:]]
        return self._through(x, [np.repeat(bounds, len(x), axis=0) for bounds in each])

    def bounds(self, n: int, side: int, rng: np.random.Generator) -> Array:
        """a_0 to a_n_out for n images, (n, n_out + 1)."""
        if self.regions == "pseudorandom":
            return self._spaced(rng.integers(0, side, n), side)
        n_out = self._pooled(side)
        steps = np.repeat([1, 2], [2 * n_out - side, side - n_out])
        steps = rng.permuted(np.tile(steps, (n, 1)), axis=1)
        return np.pad(steps.cumsum(axis=1), ((0, 0), (1, 0)))

    def _spaced(self, phase: Array, side: int) -> Array:
        """Pseudorandom bounds for u in (phase / side, (phase + 1) / side), in whole numbers."""
        n_out = self._pooled(side)
        phase = phase[:, None]
        return (side * np.arange(n_out + 1) + phase) // n_out - phase // n_out

    def _through(self, x: Array, bounds: list[Array]) -> Array:
        """x (n, c, h, w) pooled by rows, then by columns."""
        y = x
        for a in bounds:
            # the side to pool second, what lies before it in the other order: (n, side, c, other)
            y = self._along(y.transpose(0, 2, 1, 3), a).transpose(0, 2, 3, 1)
        return as_bytes(y) if self.pool == "average" else y

    def _along(self, x: Array, a: Array) -> Array:
        """x (n, side, c, other) pooled along its second axis to (n, n_out, c, other)."""
        first, last = a[:, :-1], a[:, 1:] - 1
        if self.overlapping:
            last = np.minimum(last + 1, x.shape[1] - 1)
        each = np.arange(len(x))[:, None]
        inner = np.minimum(first + 1, last)
        taken = [x[each, at] for at in (first, inner, last)[:: 1 if self.overlapping else 2]]
        if self.pool == "max":
            return np.maximum.reduce(taken)
        counted = [np.ones_like(first), inner > first, last > inner]
        counted = counted if self.overlapping else [counted[0], last > first]
        weights = np.array(counted, np.float32) / (last - first + 1)
        y = np.zeros(taken[0].shape, np.float32)
        for weight, part in zip(weights, taken, strict=True):
            y += weight[:, :, None, None] * part
        return y
