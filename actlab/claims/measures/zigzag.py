"""The way of two weights to their optimum, with inputs of one sign and with centred ones."""

from __future__ import annotations

from math import sqrt
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.claims.measures.base import Exact, Series, Unmeasured
from actlab.randomness import generator

OPTIMUM = np.array([1.0, -1.0])
"""One weight has to grow and the other to fall, which no single step can do."""
STEPS = 200_000


class Zigzag(Exact):
    """Length of the path from w = 0 to w* = (1, -1) with positive inputs, over that with centred.

    A linear unit learns y = w* x from `examples` x ~ U(0, 1)^2, and from the same less their mean,
    by gradient steps on the squared error of `batch` examples, in an order drawn anew each epoch;
    the rate is `rate` / max |x|^2. The path ends within 5% of the distance.

    Source: CS231n (2017), lecture 6, on sigmoid outputs that are not zero-centred; LeCun, Bottou,
    Orr and Mueller (1998), "Efficient BackProp", section 4.3.
    """

    name: ClassVar[str] = "zigzag"
    drawn: ClassVar[bool] = True
    examples: int = Field(50, ge=2, le=100_000, description="drawn for both")
    batch: int = Field(1, ge=1, description="examples in a step")
    rate: float = Field(0.5, gt=0, le=1, description="as a share of 1 / max |x|^2")

    @property
    def label(self) -> str:
        return f"path with positive inputs / with centred ones, batches of {self.batch}"

    def value(self, seed: int) -> float:
        positive, centred = (_length(path) for path in self._paths(seed))
        return positive / centred

    def series(self, seed: int) -> list[tuple[str, Series]]:
        names = ("positive inputs", "centred inputs")
        return [
            (name, Series(path[:, 0].tolist(), path[:, 1].tolist(), "first weight"))
            for name, path in zip(names, self._paths(seed), strict=True)
        ]

    def _paths(self, seed: int) -> list[Array]:
        x = generator(seed, "probes").uniform(size=(self.examples, 2))
        return [self._path(inputs, seed) for inputs in (x, x - x.mean(axis=0))]

    def _path(self, x: Array, seed: int) -> Array:
        """(steps + 1, 2)."""
        rng, rate = generator(seed, "shuffle"), self.rate / np.square(x).sum(axis=1).max()
        path = [np.zeros(2)]
        while len(path) <= STEPS:
            order = rng.permutation(len(x))
            for start in range(0, len(x), self.batch):
                rows = x[order[start : start + self.batch]]
                path.append(path[-1] - rate * rows.T @ (rows @ (path[-1] - OPTIMUM)) / len(rows))
                if np.linalg.norm(path[-1] - OPTIMUM) < 0.05 * sqrt(2):
                    return np.array(path)
        raise Unmeasured(f"the optimum is not reached in {STEPS:,} steps")


def _length(path: Array) -> float:
    return float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())
