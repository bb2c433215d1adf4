"""ReLU units in the plane, whose lines leave the cloud of data, and the cloud they have left."""

from __future__ import annotations

from math import pi
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.claims.measures.base import Exact, Series
from actlab.claims.measures.plane import line, outline
from actlab.randomness import generator

SHOWN = 3
"""Lines of each kind in the picture."""
REACH = 4.0
"""Half the length of a line in the picture, where the cloud has a std of 1."""


class DeadInPlane(Exact):
    """Share of ReLU units that are dead on a cloud of points, after each was trained by itself.

    max(0, w x + b) with |w| = 1 in a random direction and b = `bias` learns y = |x| on rows
    x ~ N(0, 1)^2, one at a time, by gradient steps on the squared error. The target is positive and
    the same all around, so that no unit is better off dead. Dead: w x + b <= 0 for all rows, so
    that no step moves it again. The picture has the hull of the rows and units' lines w x + b = 0.

    Source: CS231n (2017), lecture 6, "dead ReLU will never activate", with its picture of the data
    cloud.
    """

    name: ClassVar[str] = "dead_in_plane"
    drawn: ClassVar[bool] = True
    rate: float = Field(0.01, gt=0, description="learning rate")
    bias: float = Field(0.0, description="first bias of every unit")
    units: int = Field(100, ge=1, le=10_000, description="trained, each by itself")
    examples: int = Field(200, ge=3, le=10_000, description="rows of the cloud")
    epochs: int = Field(3, ge=0, le=1000, description="passes over the rows")

    @property
    def label(self) -> str:
        return f"share of units dead in the plane, lr {self.rate:g}, first bias {self.bias:g}"

    def value(self, seed: int) -> float:
        x, w, b = self._trained(seed)
        return float(_dead(x, w, b).mean())

    def series(self, seed: int) -> list[tuple[str, Series]]:
        x, w, b = self._trained(seed)
        found = [("cloud", outline(x))]
        dead = _dead(x, w, b)
        # the nearest lines: those of units far away would leave the cloud a dot
        nearest = np.argsort(np.abs(b) / np.maximum(np.linalg.norm(w, axis=1), 1e-12))
        for word, chosen in (("alive", ~dead), ("dead", dead)):
            for n, unit in enumerate(nearest[chosen[nearest]][:SHOWN]):
                piece = line(w[unit], b[unit], near=np.zeros(2), reach=REACH)
                found.append((f"{word} {n + 1}", piece))
        return found

    def _trained(self, seed: int) -> tuple[Array, Array, Array]:
        """Rows (examples, 2), weights (units, 2) and biases (units,)."""
        rng = generator(seed, "probes")
        x = rng.standard_normal((self.examples, 2))
        turn = rng.uniform(0, 2 * pi, self.units)
        w, b = np.stack([np.cos(turn), np.sin(turn)], axis=1), np.full(self.units, self.bias)
        for _ in range(self.epochs):
            for row in x[rng.permutation(len(x))]:
                z = w @ row + b
                step = np.where(z > 0, self.rate * (z - np.hypot(*row)), 0.0)
                w, b = w - step[:, None] * row, b - step
        return x, w, b


def _dead(x: Array, w: Array, b: Array) -> Array:
    """(units,), whether no row opens the unit."""
    return np.asarray((x @ w.T + b <= 0).all(axis=0))
