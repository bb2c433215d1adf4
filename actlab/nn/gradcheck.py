"""Analytic gradients against centred differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from actlab.arrays import Array

STEP = 1e-5


def numerical_gradient(loss: Callable[[], float], array: Array, h: float = STEP) -> Array:
    """(f(x + h) - f(x - h)) / 2h in every element of `array`, which `loss` reads; float64.

    The array is moved in place and put back.

    Source: CS231n course notes, "Gradient checks".
    """
    found = np.empty(array.shape)
    for at in np.ndindex(array.shape):
        kept = array[at]
        array[at] = kept + h
        above = loss()
        array[at] = kept - h
        below = loss()
        array[at] = kept
        found[at] = (above - below) / (2 * h)
    return found


def relative_error(analytic: Array, numerical: Array) -> float:
    """max |a - n| / max(|a|, |n|), the scale taken over the whole array; 0 for two zero arrays."""
    scale = max(np.abs(analytic).max(initial=0), np.abs(numerical).max(initial=0))
    return float(np.abs(analytic - numerical).max(initial=0) / scale) if scale > 0 else 0.0
