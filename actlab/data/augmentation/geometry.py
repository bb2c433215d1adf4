"""Windows and resampling of many images at once."""

from __future__ import annotations

import numpy as np

from actlab.arrays import Array


def padded(x: Array, by: int, mode: str = "black") -> Array:
    """Images x (n, c, h, w) with `by` more pixels on each side: black, or mirrored at the edge."""
    if by == 0:
        return x
    n, c, h, w = x.shape
    if mode == "mirror":
        return np.pad(x, ((0, 0), (0, 0), (by, by), (by, by)), mode="symmetric")
    y = np.zeros((n, c, h + 2 * by, w + 2 * by), x.dtype)
    y[:, :, by : by + h, by : by + w] = x
    return y


def windows(x: Array, top: Array, left: Array, height: int, width: int) -> Array:
    """From each image x (n, c, h, w) the window (height, width) at its own place."""
    every = np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(2, 3))
    return every[np.arange(len(x)), :, top, left]


def spans(start: Array, extent: Array, n_in: int, n_out: int) -> Array:
    """Matrices (n, n_out, n_in) that resample n_in pixels of a row, seen through n_out.

    Output i is at start + (i + 1/2) extent / n_out, in pixels of the input whose own centres are at
    1/2, 3/2, ...: a triangle as wide as the coarser of the two grids weighs the pixels, and outside
    the image lies its edge.
    """
    step = (extent / n_out)[:, None, None]
    at = start[:, None, None] + (np.arange(n_out)[:, None] + 0.5) * step
    reach = np.maximum(step, 1)
    at = np.clip(at, 0.5, n_in - 0.5)
    weights = np.maximum(0, 1 - np.abs(at - (np.arange(n_in) + 0.5)) / reach)
    weights /= weights.sum(axis=2, keepdims=True)
    return weights.astype(np.float32)


def resampled(x: Array, rows: Array, columns: Array) -> Array:
    """rows x columns' for every image x (n, c, h, w), matrices (n, out, in), rounded to uint8."""
    y = np.matmul(rows[:, None], x.astype(np.float32))
    y = np.matmul(y, columns[:, None].transpose(0, 1, 3, 2))
    return as_bytes(y)


def as_bytes(y: Array) -> Array:
    """Floats rounded to uint8, clipped; y is overwritten."""
    np.add(y, 0.5, out=y)
    return np.clip(y, 0, 255, out=y).astype(np.uint8)


def zoomed(x: Array, scale: float) -> Array:
    """Images enlarged around their centre by `scale`; what lies outside is their edge."""
    if scale == 1:
        return x
    each = [
        spans(np.full(1, (side - side / scale) / 2), np.full(1, side / scale), side, side)
        for side in x.shape[2:]
    ]
    return resampled(x, *each)


def moved(x: Array, down: int, right: int) -> Array:
    """What a crop sees (down, right) pixels from the centre; outside the image is black."""
    if down == right == 0:
        return x
    by = max(abs(down), abs(right))
    h, w = x.shape[2:]
    return padded(x, by)[:, :, by + down : by + down + h, by + right : by + right + w]
