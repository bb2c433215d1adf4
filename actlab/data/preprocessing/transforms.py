"""What fitted steps are: maps of rows, each with the map that undoes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import DTypeLike

from actlab.arrays import Array


class Transform(Protocol):
    """A fitted step."""

    def apply(self, x: Array, out: Array | None = None) -> Array:
        """Rows x (n, features), of any type, as floats; written to `out` where the shapes allow."""
        ...

    def invert(self, y: Array) -> Array:
        """The rows that give y, as far as the step lost nothing."""
        ...

    def after(self, first: Affine) -> Transform:
        """Both steps as one."""
        ...

    def astype(self, dtype: DTypeLike) -> Transform:
        """The same map, computed in another precision."""
        ...


@dataclass(frozen=True)
class Affine:
    """y = scale x + shift, with one number each or one per feature."""

    scale: Array
    shift: Array

    def apply(self, x: Array, out: Array | None = None) -> Array:
        if out is not None and x.dtype == np.uint8:
            np.copyto(out, x)  # a product of two types goes through buffers, which takes longer
            x = out
        y = np.multiply(x, self.scale, out=out)
        return np.add(y, self.shift, out=y)

    def invert(self, y: Array) -> Array:
        return (y - self.shift) / self.scale

    def after(self, first: Affine) -> Affine:
        return Affine(self.scale * first.scale, self.scale * first.shift + self.shift)

    def astype(self, dtype: DTypeLike) -> Affine:
        return Affine(self.scale.astype(dtype), self.shift.astype(dtype))


IDENTITY = Affine(np.ones(1), np.zeros(1))


@dataclass(frozen=True)
class Linear:
    """y = (x - mean) matrix, with the matrix (features out, features) that undoes it."""

    mean: Array
    matrix: Array
    inverse: Array

    def apply(self, x: Array, out: Array | None = None) -> Array:
        return np.matmul(np.subtract(x, self.mean), self.matrix, out=out)

    def invert(self, y: Array) -> Array:
        return y @ self.inverse + self.mean

    def after(self, first: Affine) -> Linear:
        scale = np.broadcast_to(first.scale, self.mean.shape)
        mean = (self.mean - first.shift) / scale
        return Linear(mean, scale[:, None] * self.matrix, self.inverse / scale)

    def astype(self, dtype: DTypeLike) -> Linear:
        return Linear(*(a.astype(dtype) for a in (self.mean, self.matrix, self.inverse)))
