"""The one type that the mathematics speaks, and how its rows are shared."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def shares(length: int, number: int) -> list[slice]:
    """So many slices of about equal length, one after another."""
    return [slice(length * n // number, length * (n + 1) // number) for n in range(number)]


def whole(parts: Sequence[Array]) -> Array | None:
    """The rows of all parts, if they lie one after another in one array: a view, else None."""
    first = parts[0]
    base = first.base
    if len(parts) == 1:
        return first
    if base is None or base.ndim != 2 or base.shape[1] != first.shape[1] or not len(base):
        return None
    start = (first.ctypes.data - base.ctypes.data) // base.strides[0]
    at = first.ctypes.data
    for part in parts:
        if part.base is not base or part.ctypes.data != at:
            return None
        at += part.nbytes
    return base[start : start + sum(map(len, parts))]


def joined(parts: Sequence[Array]) -> Array:
    """The rows of all parts: where they lie, if that is in one array."""
    found = whole(parts)
    return np.concatenate(parts) if found is None else found
