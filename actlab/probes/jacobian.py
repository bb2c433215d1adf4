"""How a layer stretches small changes of what it sees."""

from __future__ import annotations

from math import nan
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.probes.base import Probe, Snapshot, by_unit, mean_of_known

WIDEST = 512
"""The largest matrix whose singular values are computed: the time grows with its cube."""


class Jacobian(Probe):
    """Singular values of J = W diag(f'(z)), a layer's derivative with respect to the one below.

    `jacobian.singular_value (layers,)`: their mean over all min(n_in, units) of them and over
    `examples` probe examples; NaN where n_in and units both exceed 512.
    `jacobian.mean_square (layers,)`: the mean of their squares, |J|^2 / min(n_in, units), at any
    width. J is of the dense layer and its activation alone: norms (but for what they make of z),
    noise and skips are left out. NaN for maxout and activations across units.

    Source: Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward
    neural networks", section 4.2, who find about 0.8 with their initialization.
    """

    name: ClassVar[str] = "jacobian"

    examples: int = Field(8, ge=1, description="probe examples, evenly spaced")

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        chosen = snapshot.evenly(self.examples)
        layers = enumerate(zip(snapshot.activation, snapshot.weights, strict=False))
        rows = [
            _of_layer(W.astype(np.float64), snapshot.slopes[n][chosen])
            if by_unit(f)
            else (nan, nan)
            for n, (f, W) in layers
        ]
        table = np.array(rows, float).reshape(-1, 2)
        return {"jacobian.singular_value": table[:, 0], "jacobian.mean_square": table[:, 1]}


def _of_layer(W: Array, slopes: Array) -> tuple[float, float]:
    """Mean singular value and mean square of W diag(slopes), over the rows of slopes."""
    least = min(W.shape)
    squares = np.square(slopes, dtype=np.float64) @ np.square(W).sum(axis=0) / least
    if least > WIDEST or not (np.isfinite(W).all() and np.isfinite(slopes).all()):
        return nan, float(mean_of_known(squares))
    means = [_singular_values(W * slope).sum() / least for slope in slopes]
    return float(np.mean(means)), float(squares.mean())


def _singular_values(J: Array) -> Array:
    """Those that are not trivially zero: roots of the eigenvalues of the smaller of J^T J, J J^T.

    The smallest are good to 1e-8 of the largest, which is plenty for their mean. Columns of zeros,
    such as those of closed ReLUs, go first: they add nothing but time.
    """
    J = J[:, J.any(axis=0)]
    gram = J.T @ J if J.shape[1] <= J.shape[0] else J @ J.T
    return np.sqrt(np.maximum(np.linalg.eigvalsh(gram), 0))
