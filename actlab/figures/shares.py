"""Counts of a layer's values, turned into shares that layers and snapshots can be compared by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from actlab.arrays import Array
from actlab.record import Record


@dataclass(frozen=True)
class Shares:
    """Which share of one layer's values lies in each bin, is exactly zero, or is not finite."""

    edges: Array
    bins: Array
    """Exact zeros left out."""
    saturated: Array
    """The part of each bin whose unit is saturated."""
    zero: float
    not_finite: float

    @property
    def has_range(self) -> bool:
        """Whether the bins lie anywhere: not where the values overflowed their own range."""
        return bool(np.isfinite(self.edges).all())

    def in_bins_of(self, edges: Array) -> Array:
        """The shares as they would be in bins of another width: the density times that width."""
        with np.errstate(all="ignore"):
            return np.nan_to_num(
                self.bins * (edges[1] - edges[0]) / (self.edges[1] - self.edges[0])
            )


def shares(
    record: Record, tensor: str, snapshot: int, most_bins: int | None = None
) -> list[Shares]:
    """The shares of each hidden layer in one snapshot; more bins than `most_bins` are merged."""
    edges, counts, zeros = (
        record.statistics[f"{tensor}.{part}"] for part in ("edges", "counts", "zeros")
    )
    saturated = record.statistics.get(f"{tensor}.saturated_counts", np.zeros_like(counts))
    finite = counts.sum(axis=2) + zeros
    merged = _merging(counts.shape[2], most_bins or counts.shape[2])
    return [
        Shares(
            edges[snapshot, ::merged],
            _merge(counts[snapshot, layer], merged) / total,
            _merge(saturated[snapshot, layer], merged) / total,
            zeros[snapshot, layer] / total,
            1 - finite[snapshot, layer] / total,
        )
        for layer, total in enumerate(_totals(record, tensor, snapshot))
    ]


def _merging(bins: int, most: int) -> int:
    """How many bins become one: the fewest that leave at most `most`, or 1 if half are too few."""
    merged = next(n for n in range(1, bins + 1) if bins % n == 0 and bins <= n * most)
    return merged if 2 * bins > merged * most else 1


def _merge(counts: Array, merged: int) -> Array:
    return counts.reshape(-1, merged).sum(axis=1)


def _totals(record: Record, tensor: str, snapshot: int) -> Array:
    """How many values each layer has, finite or not: its units times the probe examples."""
    model = record.experiment.model
    pieces = model.activation.widening if tensor.startswith("preactivation") else 1
    return np.array(model.hidden_widths) * pieces * record.statistics["examples"][snapshot]
