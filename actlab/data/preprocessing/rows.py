"""The training rows that a step is fitted to, and their sums, in one pass over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from actlab.arrays import Array
from actlab.data.preprocessing.transforms import IDENTITY, Affine, Transform

CHUNK = 1000
"""Rows taken at a time: so many products of numbers up to 128 add up exactly in float32."""
MIDDLE = np.full(1, 128, np.float32)

Square = Callable[[Array, Array | None], Array]
"""Offsets (n, features) to the sum of some square of them, written to an array of that shape."""


@dataclass(frozen=True)
class Rows:
    """The rows `chosen` of `x`, as the steps fitted so far leave them."""

    x: Array
    chosen: Array
    steps: tuple[Transform, ...] = ()

    def moments(self) -> tuple[Array, Array]:
        """Mean and variance of every feature, in float64."""
        origin, offset, squares = self._means(_squares)
        _, last = self._split_steps()
        variance = np.maximum(squares - offset**2, 0)
        return last.apply(origin + offset), last.scale**2 * variance

    def covariance(self) -> tuple[Array, Array]:
        """Mean of every feature and covariance (features, features), in float64."""
        origin, offset, covariance = self._means(_products)
        _, last = self._split_steps()
        scale = np.broadcast_to(last.scale, offset.shape)
        covariance -= np.outer(offset, offset)
        covariance *= scale
        covariance *= scale[:, None]
        return last.apply(origin + offset), covariance

    def _means(self, square: Square) -> tuple[Array, Array, Array]:
        """An origin, the mean offset from it, and the mean `square` of the offsets.

        All before the last affine step. Those of uint8 rows are exact at the speed of float32: the
        sums of a chunk are whole numbers up to 2^24, and float64 adds up the chunks.
        """
        origin: Array = np.zeros(1)
        total: Array | None = None
        part = squares = None
        for chunk in self._chunks():
            if total is None:
                # a constant feature is its own origin, so that its variance is exactly zero
                origin = MIDDLE if chunk.dtype == np.uint8 else chunk[0].copy()
                total = np.zeros(chunk.shape[1])
            offsets = chunk - origin
            part = square(offsets, part)
            squares = np.zeros(part.shape) if squares is None else squares
            squares += part
            total += offsets.sum(axis=0)
        if total is None or squares is None:
            raise ValueError("no rows to estimate from")
        squares /= len(self.chosen)
        return origin.astype(np.float64), total / len(self.chosen), squares

    def _chunks(self) -> Iterator[Array]:
        """Rows before the last affine step: uint8 as they are, all else in float64."""
        before, _ = self._split_steps()
        for start in range(0, len(self.chosen), CHUNK):
            chunk = self.x[self.chosen[start : start + CHUNK]]
            if before or chunk.dtype != np.uint8:
                chunk = chunk.astype(np.float64)
            for step in before:
                chunk = step.apply(chunk)
            yield chunk

    def _split_steps(self) -> tuple[tuple[Transform, ...], Affine]:
        """The steps, the last apart: statistics pass through it without touching the rows."""
        last = self.steps[-1] if self.steps else IDENTITY
        return (self.steps[:-1], last) if isinstance(last, Affine) else (self.steps, IDENTITY)


def _squares(offsets: Array, out: Array | None) -> Array:
    return np.square(offsets).sum(axis=0, out=out)


def _products(offsets: Array, out: Array | None) -> Array:
    return np.matmul(offsets.T, offsets, out=out)
