"""Several steps in order, each fitted to what the ones before it leave of the training split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from actlab.arrays import Array
from actlab.data.dataset import Split
from actlab.data.preprocessing.base import Preprocessing
from actlab.data.preprocessing.rows import Rows
from actlab.data.preprocessing.transforms import IDENTITY, Affine, Transform
from actlab.randomness import generator


@dataclass(frozen=True)
class Pipeline:
    """Fitted steps; affine ones are folded into what follows, so most pipelines are one pass."""

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
    fitted: list[Transform] = [IDENTITY]
    features = train.x.shape[1]
    for index, step in enumerate(settings):
        chosen = _sample(len(train), step.sample, seed, index)
        transform, previous = step.fit(Rows(train.x, chosen, tuple(fitted)), shape), fitted[-1]
        if isinstance(previous, Affine):
            fitted[-1] = transform.after(previous)
        else:
            fitted.append(transform)
        features = step.features_out(features)
    return Pipeline(tuple(step.astype(dtype) for step in fitted), features)


def _sample(n: int, size: int | None, seed: int, index: int) -> Array:
    if size is None or size >= n:
        return np.arange(n)
    return np.sort(generator(seed, "probes", 1, index).choice(n, size, replace=False))
