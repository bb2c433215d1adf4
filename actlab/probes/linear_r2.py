"""How much of a nonlinearity is used."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.probes.base import Probe, Snapshot, by_unit, mean_of_known


class LinearR2(Probe):
    """Squared correlation of y = f(z) with z over the probe examples, the mean over units.

    `linear_r2 (layers,)`: the share of a layer's output that a linear function of its
    pre-activations explains, 1 where the layer is linear: sigmoid and tanh near zero (it tends to 1
    as their inputs shrink), a ReLU that is always open. Units whose y is constant have none and are
    left out. NaN where none is left, and for maxout and activations across units, where a unit has
    no z of its own. With a norm before the activation, z is what the norm passes on.

    Source: the coefficient of determination; Ioffe and Szegedy (2015), "Batch normalization",
    arXiv 1502.03167, section 3, learn scale and shift since normalizing the inputs of a sigmoid
    would constrain them to its linear regime.
    """

    name: ClassVar[str] = "linear_r2"

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        tensors = snapshot.tensors
        layers = zip(
            snapshot.activation, tensors["preactivation"], tensors["activation"], strict=True
        )
        found = [_r2(z, y) if by_unit(f) else np.nan for f, z, y in layers]
        return {"linear_r2": np.array(found, float)}


def _r2(z: Array, y: Array) -> float:
    """The mean over columns of the squared correlation of z with y."""
    moving = (z != z[0]).any(axis=0) & (y != y[0]).any(axis=0)
    z, y = (_centred(x[:, moving]) for x in (z, y))
    squared = (z * y).sum(axis=0) ** 2 / ((z * z).sum(axis=0) * (y * y).sum(axis=0))
    return float(mean_of_known(squared))


def _centred(x: Array) -> Array:
    x = x.astype(np.float64)
    return x - x.mean(axis=0)
