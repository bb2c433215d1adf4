"""Histograms over edges that all layers share."""

from math import isfinite
from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.probes.base import Probe, Snapshot


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
        saturated = [
            f.saturated(slope)
            for f, slope in zip(snapshot.activation, snapshot.slopes, strict=True)
        ]
        for tensor, layers in snapshot.tensors.items():
            bounds = snapshot.activation[0].bounds if tensor == "activation" and layers else None
            edges = _edges(layers, snapshot.bins, bounds)
            counts = [_counts(x, edges) for x in layers]
            found[f"{tensor}.edges"] = edges
            found[f"{tensor}.counts"] = np.array(counts).reshape(-1, snapshot.bins)
            found[f"{tensor}.zeros"] = np.array([np.count_nonzero(x == 0) for x in layers])
            if not tensor.endswith("gradient"):
                apart = [
                    _counts(x[mask] if x.shape == mask.shape else x[:0], edges)
                    for x, mask in zip(layers, saturated, strict=True)
                ]
                found[f"{tensor}.saturated_counts"] = np.array(apart).reshape(-1, snapshot.bins)
        return found


def _edges(layers: object, bins: int, bounds: tuple[float, float] | None) -> Array:
    """Equal bins over the bounds, else over what the layers hold; never of width zero."""
    if bounds and all(map(isfinite, bounds)):
        return np.linspace(*bounds, bins + 1)
    finite = [x[np.isfinite(x)] for x in layers]  # type: ignore[attr-defined]
    low = min((float(x.min()) for x in finite if x.size), default=0.0)
    high = max((float(x.max()) for x in finite if x.size), default=0.0)
    if not high > low:
        low, high = low - 1, high + 1
    return np.linspace(low, high, bins + 1)


def _counts(x: Array, edges: Array) -> Array:
    """How many of x lie in each bin, exact zeros and values that are not finite left out."""
    bins, low = len(edges) - 1, edges[0]
    values = x[np.isfinite(x) & (x != 0)].astype(np.float64)
    index = ((values - low) * (bins / (edges[-1] - low))).astype(np.intp)
    return np.bincount(np.clip(index, 0, bins - 1), minlength=bins)
