"""What a preprocessing step is: fitted on training rows, then a fixed map of rows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.config import Part


class Transform(Protocol):
    """A fitted step."""

    def apply(self, x: Array, out: Array | None = None) -> Array:
        """Rows x (n, features), of any type, as floats; written to `out` where the shapes allow."""
        ...

    def invert(self, y: Array) -> Array:
        """The rows that give y, as far as the step lost nothing."""
        ...


@dataclass(frozen=True)
class Affine:
    """y = scale x + shift, with one number each or one per feature."""

    scale: Array
    shift: Array

    def apply(self, x: Array, out: Array | None = None) -> Array:
        y = np.multiply(x, self.scale, out=out)
        return np.add(y, self.shift, out=y)

    def invert(self, y: Array) -> Array:
        return (y - self.shift) / self.scale

    def after(self, first: Affine) -> Affine:
        """Both steps as one."""
        return Affine(self.scale * first.scale, self.scale * first.shift + self.shift)

    def astype(self, dtype: np.dtype) -> Affine:
        """The same map, computed in another precision."""
        return Affine(self.scale.astype(dtype), self.shift.astype(dtype))


class Preprocessing(Part):
    """A step of `data.preprocess`; its statistics come from the training split alone."""

    family: ClassVar[str] = "preprocessing"
    needs_images: ClassVar[bool] = False

    sample: int | None = Field(None, gt=0, description="training rows to estimate from; empty: all")

    @abstractmethod
    def fit(self, chunks: Iterable[Array], shape: tuple[int, ...]) -> Transform:
        """The step fitted to rows that arrive in float64 chunks; `shape` is one row's."""

    def features_out(self, features: int) -> int:
        """How many features the step leaves of so many."""
        return features


@dataclass
class Moments:
    """Mean and variance per feature, merged chunk by chunk.

    Source: Chan, Golub and LeVeque (1983), "Algorithms for computing the sample variance".
    """

    n: int
    mean: Array
    squares: Array
    """Sum of squared deviations from the mean."""

    @classmethod
    def of(cls, chunks: Iterable[Array]) -> Moments:
        """Moments of all rows; ValueError without any."""
        total: Moments | None = None
        for chunk in chunks:
            mean = chunk.mean(axis=0)
            part = cls(len(chunk), mean, np.square(chunk - mean).sum(axis=0))
            total = part if total is None else total._merged(part)
        if total is None:
            raise ValueError("no rows to estimate from")
        return total

    def _merged(self, other: Moments) -> Moments:
        n, delta = self.n + other.n, other.mean - self.mean
        squares = self.squares + other.squares + delta**2 * (self.n * other.n / n)
        return Moments(n, self.mean + delta * (other.n / n), squares)

    def pooled(self, groups: tuple[int, int]) -> tuple[Array, Array]:
        """Mean and standard deviation of groups of equally many features, repeated per feature."""
        mean = self.mean.reshape(groups)
        centre = mean.mean(axis=1)
        within = self.squares.reshape(groups).sum(axis=1) / (self.n * groups[1])
        between = np.square(mean - centre[:, None]).mean(axis=1)
        return np.repeat(centre, groups[1]), np.repeat(np.sqrt(within + between), groups[1])

    @property
    def std(self) -> Array:
        """Population standard deviation per feature."""
        return np.sqrt(self.squares / self.n)


def nonzero(std: Array) -> Array:
    """Spreads to divide by: a feature that does not vary is left as it is."""
    return np.where(std > 0, std, 1.0)
