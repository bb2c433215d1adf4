"""Mean, spread and range."""

from math import isfinite, sqrt
from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.probes.base import BLOCK, Probe, Snapshot


class Moments(Probe):
    """Mean, population std, min and max of every tensor, over examples and units of a layer.

    Source: Glorot and Bengio (2010), figures 2 and 6.
    """

    name: ClassVar[str] = "moments"

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        found = {}
        for tensor, layers in snapshot.tensors.items():
            ranges = snapshot.ranges[tensor]
            rows = [
                (*_mean_and_std(x, *ends), *ends) for x, ends in zip(layers, ranges, strict=True)
            ]
            table = np.array(rows, float).reshape(-1, 4)
            for column, statistic in enumerate(("mean", "std", "min", "max")):
                found[f"{tensor}.{statistic}"] = table[:, column]
        return found


def _mean_and_std(x: Array, low: float, high: float) -> tuple[float, float]:
    """Mean and population std, summed in double precision by dot products.

    Sums are taken about the middle of the range: the std is never so much smaller than the range
    that the difference of the two moments would cancel.
    """
    middle = (low + high) / 2
    if not isfinite(middle):
        return float(x.mean(dtype=float)), float(x.std(dtype=float))
    flat, total, squares = x.reshape(-1), 0.0, 0.0
    work, ones = np.empty(BLOCK), np.ones(BLOCK)
    for start in range(0, flat.size, BLOCK):
        part = flat[start : start + BLOCK]
        off = np.subtract(part, middle, out=work[: part.size], dtype=float)
        total += float(off @ ones[: part.size])
        squares += float(off @ off)
    mean = total / flat.size
    return middle + mean, sqrt(max(squares / flat.size - mean * mean, 0.0))
