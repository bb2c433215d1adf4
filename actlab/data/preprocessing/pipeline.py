"""Several steps in order, each fitted to what the ones before it leave of the training split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from actlab.arrays import Array
from actlab.data.dataset import Split
from actlab.data.preprocessing.base import Affine, Preprocessing, Transform
from actlab.randomness import generator

CHUNK = 1000


@dataclass(frozen=True)
class Pipeline:
    """Fitted steps; neighbouring affine ones are folded, so most pipelines are one pass."""

    steps: tuple[Transform, ...]
    features: int
    """Features left after the last step."""

    def apply(self, x: Array, out: Array | None = None) -> Array:
        """Rows x, of any type, through all steps; written to `out` by the last."""
        for step in self.steps[:-1]:
            x = step.apply(x)
        return self.steps[-1].apply(x, out)

    def invert(self, y: Array) -> Array:
        """The rows that give y, as far as the steps lost nothing."""
        for step in reversed(self.steps):
            y = step.invert(y)
        return y


def fit(
    settings: Sequence[Preprocessing],
    train: Split,
    shape: tuple[int, ...],
    *,
    seed: int = 0,
    dtype: DTypeLike = np.float32,
) -> Pipeline:
    """The steps, fitted in order to the training split in float64, to be applied in `dtype`."""
    fitted: list[Transform] = [Affine(np.ones(1), np.zeros(1))]
    for index, step in enumerate(settings):
        rows = _sample(len(train), step.sample, seed, index)
        transform = step.fit(_Chunks(train.x, rows, tuple(fitted)), shape)
        previous = fitted[-1]
        if isinstance(transform, Affine) and isinstance(previous, Affine):
            fitted[-1] = transform.after(previous)
        else:
            fitted.append(transform)
    final = tuple(step.astype(np.dtype(dtype)) for step in fitted)  # type: ignore[attr-defined]
    return Pipeline(final, len(Pipeline(final, 0).apply(train.x[:1])[0]))


@dataclass(frozen=True)
class _Chunks:
    """Training rows in float64, a chunk at a time, through the steps fitted so far."""

    x: Array
    rows: Array
    steps: tuple[Transform, ...]

    def __iter__(self) -> Iterator[Array]:
        for start in range(0, len(self.rows), CHUNK):
            chunk = self.x[self.rows[start : start + CHUNK]].astype(np.float64)
            yield Pipeline(self.steps, 0).apply(chunk)


def _sample(n: int, size: int | None, seed: int, index: int) -> Array:
    if size is None or size >= n:
        return np.arange(n)
    return np.sort(generator(seed, "probes", 1, index).choice(n, size, replace=False))
