"""Histograms over edges that all layers share."""

from collections.abc import Iterator, Sequence
from math import inf, isfinite
from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.probes.base import BLOCK, Probe, Snapshot


class Histograms(Probe):
    """Counts of every tensor per layer, over bins shared by all layers; exact zeros counted apart.

    `<tensor>.counts (layers, bins)` leaves out the exact zeros, which are in `.zeros (layers,)`.
    `<tensor>.saturated_counts` are those of the counts whose unit is saturated.
    `<tensor>.edges (bins + 1,)` run over the activation's bounds where it has them, otherwise from
    the least to the greatest value. Values that are not finite are counted nowhere.

    Source: Glorot and Bengio (2010), figures 6 and 7; the histograms of CS231n, lecture 6.
    """

    name: ClassVar[str] = "histograms"

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        found = {}
        for tensor, layers in snapshot.tensors.items():
            bounds = snapshot.activation[0].bounds if tensor == "activation" and layers else None
            zeros = snapshot.zeros[tensor]
            seen = zip(layers, snapshot.ranges[tensor], strict=True)
            ranges = [_finite_range(x, *ends) for x, ends in seen]
            edges = _edges(ranges, snapshot.bins, bounds)
            apart = not tensor.endswith("gradient")
            masks = snapshot.saturated if apart else [None] * len(layers)
            parts = zip(layers, ranges, masks, zeros, strict=True)
            tables = [_counts(*part, edges) for part in parts]
            counts = np.array(tables, int).reshape(-1, 2, snapshot.bins)
            found[f"{tensor}.edges"] = edges
            found[f"{tensor}.counts"] = counts.sum(axis=1)
            found[f"{tensor}.zeros"] = np.array(zeros)
            if apart:
                found[f"{tensor}.saturated_counts"] = counts[:, 1]
        return found


def _finite_range(x: Array, low: float, high: float) -> tuple[float, float]:
    """Least and greatest of the finite values, given those of all; inf, -inf if there are none."""
    if isfinite(low) and isfinite(high):
        return low, high
    finite = x[np.isfinite(x)]
    return (float(finite.min()), float(finite.max())) if finite.size else (inf, -inf)


def _edges(
    ranges: Sequence[tuple[float, float]], bins: int, bounds: tuple[float, float] | None
) -> Array:
    """Equal bins over the bounds, else over what the layers hold; never of width zero."""
    if bounds and all(map(isfinite, bounds)):
        return np.linspace(*bounds, bins + 1)
    low = min((low for low, _ in ranges), default=inf)
    high = max((high for _, high in ranges), default=-inf)
    if low == inf:
        low, high = 0.0, 0.0
    if not high > low:
        low, high = low - 1, high + 1
    return np.linspace(low, high, bins + 1)


def _counts(
    x: Array, ends: tuple[float, float], mask: Array | None, zeros: int, edges: Array
) -> Array:
    """How many of x lie in each bin, (2, bins): outside the mask and in it.

    Exact zeros and values that are not finite are left out. The bin of a value is the whole part of
    (value - low) bins / (high - low), computed in double precision.
    """
    mask = mask if mask is not None and mask.shape == x.shape else None
    counts = _tally(x, ends, mask, edges)
    if zeros:
        among = 0 if mask is None else np.count_nonzero(np.logical_and(mask, np.equal(x, 0)))
        counts[:, _bin_of_zero(edges)] -= zeros - among, among
    return counts


def _bin_of_zero(edges: Array) -> int:
    bins = len(edges) - 1
    return int(np.clip((0 - edges[0]) * (bins / (edges[-1] - edges[0])), 0, bins - 1))


def _tally(x: Array, ends: tuple[float, float], mask: Array | None, edges: Array) -> Array:
    """The counts with the zeros, block by block, each small enough to stay in the cache."""
    bins, low, high = len(edges) - 1, edges[0], edges[-1]
    within = low <= ends[0] and ends[1] <= high
    scaled, index, place = np.empty(BLOCK), np.empty(BLOCK, np.int32), np.empty(BLOCK, np.intp)
    counts = np.zeros(2 * (bins + 1), np.intp)
    for values, marks in _blocks(x, mask):
        n = len(values)
        np.subtract(values, low, out=scaled[:n], dtype=float)
        np.multiply(scaled[:n], bins / (high - low), out=scaled[:n])
        if not within:
            np.clip(scaled[:n], 0, bins, out=scaled[:n])
        # by way of int32, to which processors convert many numbers at once
        np.copyto(index[:n], scaled[:n], casting="unsafe")
        np.copyto(place[:n], index[:n])
        if marks is not None and marks.any():
            np.add(place[:n], np.multiply(marks, bins + 1), out=place[:n])
        counts += np.bincount(place[:n], minlength=counts.size)
    table = counts.reshape(2, bins + 1)
    table[:, -2] += table[:, -1]  # the last bin holds its upper edge
    return table[:, :-1]


def _blocks(x: Array, mask: Array | None) -> Iterator[tuple[Array, Array | None]]:
    """The finite values of x in blocks, and what the mask says of them."""
    flat, marks = x.reshape(-1), None if mask is None else mask.reshape(-1)
    for start in range(0, flat.size, BLOCK):
        block = slice(start, start + BLOCK)
        values, marked = flat[block], None if marks is None else marks[block]
        finite = np.isfinite(values)
        if not finite.all():
            values, marked = values[finite], None if marked is None else marked[finite]
        yield values, marked
