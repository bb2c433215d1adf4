"""Random masks from 16 random bits a number, a fraction of the time of drawing floats."""

from __future__ import annotations

import numpy as np

from actlab.arrays import Array

LEVELS = 1 << 16


def share_kept(rate: float) -> float:
    """1 - rate as a multiple of 2^-16, and at least that: the exact share that `draw` keeps."""
    return max(1, round((1 - rate) * LEVELS)) / LEVELS


def draw(rng: np.random.Generator, rate: float, value: float, out: Array) -> Array:
    """Fill `out` with `value` where kept, with the probability `share_kept(rate)`, else with 0."""
    bits = rng.integers(0, LEVELS, out.shape, np.uint16)
    # 65536 levels need a bound that uint16 does not hold
    kept = np.less(bits, round(share_kept(rate) * LEVELS))
    return np.multiply(kept, out.dtype.type(value), out=out)
