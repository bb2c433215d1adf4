"""The matrix products of a step and nothing else: what a step in NumPy is to be measured by."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np

from actlab.arrays import Array
from actlab.benchmarking.contenders.base import Contender
from actlab.benchmarking.workloads import Task, products


class Limit(Contender):
    """x W, dy W^T (but for the lowest layer) and x^T dy of every layer, BLAS on all cores.

    All arrays are there before; nothing is gathered, activated or updated. Small products are no
    faster on several cores than on one, so there a step may take less than its limit.
    """

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        rng, batch = np.random.default_rng(0), task.workload.batch

        def drawn(*shape: int) -> Array:
            return rng.standard_normal(shape, np.float32)

        self.layers = [
            (drawn(batch, n_in), drawn(n_in, n_out), drawn(batch, n_out))
            for n_in, n_out in products(task)
        ]
        self.y = [np.empty_like(dy) for _, _, dy in self.layers]
        self.dx = [np.empty_like(x) for x, _, _ in self.layers]
        self.dW = [np.empty_like(W) for _, W, _ in self.layers]

    def step(self, rows: Array) -> float:
        for (x, W, _), y in zip(self.layers, self.y, strict=True):
            np.matmul(x, W, out=y)
        for layer in reversed(range(len(self.layers))):
            x, W, dy = self.layers[layer]
            np.matmul(x.T, dy, out=self.dW[layer])
            if layer > 0:
                np.matmul(dy, W.T, out=self.dx[layer])
        return nan

    def gradients(self, rows: Array) -> Sequence[Array]:
        return []
