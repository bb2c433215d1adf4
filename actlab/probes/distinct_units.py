"""How many units of a layer differ."""

from __future__ import annotations

from math import nan
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.network import Hidden
from actlab.probes.base import Probe, Snapshot


class DistinctUnits(Probe):
    """Number of distinct units over the number of units of each hidden layer.

    `distinct_units (layers,)`: 1/units if all are alike, 1 if no two are. Units are compared by
    their incoming weights and bias w: equal if |w - w'| <= tolerance max(|w|, |w'|), since a matrix
    product rounds its columns differently. NaN where weights are not finite.

    Source: CS231n course notes (Karpathy, 2015), "Pitfall: all zero initialization"; Rumelhart,
    Hinton and Williams (1986), "Learning internal representations by error propagation", on
    symmetry breaking.
    """

    name: ClassVar[str] = "distinct_units"
    alone: ClassVar[bool] = True

    tolerance: float = Field(1e-6, ge=0, lt=1, description="relative distance of equal units")

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        found = []
        for hidden in snapshot.twin().hidden:
            units = _units(hidden)
            direction = snapshot.generator(self.name).normal(size=units.shape[1])
            found.append(self._share(units[np.argsort(units @ direction)]))
        return {"distinct_units": np.array(found, float)}

    def _share(self, units: Array) -> float:
        """Distinct rows over rows, of rows in an order that has equal ones side by side."""
        if not np.isfinite(units).all():
            return nan
        norms = np.linalg.norm(units, axis=1)
        distances = np.linalg.norm(np.diff(units, axis=0), axis=1)
        new = distances > self.tolerance * np.maximum(norms[1:], norms[:-1])
        return float(1 + np.count_nonzero(new)) / len(units)


def _units(hidden: Hidden) -> Array:
    """Weights and bias of each unit, of all its pieces, (units, pieces * (n_in + 1))."""
    both = np.vstack([hidden.weights.W, hidden.weights.b]).astype(np.float64)
    pieces = np.split(both, hidden.activation.widening, axis=1)
    return np.concatenate(pieces, axis=0).T
