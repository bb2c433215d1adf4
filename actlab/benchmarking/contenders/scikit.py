"""scikit-learn's multilayer perceptron, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from actlab.arrays import Array
from actlab.benchmarking.contenders.base import Contender
from actlab.benchmarking.workloads import Task, Workload


class Partial(Contender):
    """MLPClassifier.partial_fit with solver sgd.

    Its penalty is alpha / (2 batch) sum W^2, so alpha is our strength times the batch; the loss
    that it reports includes it.
    """

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        workload = task.workload
        self.model: Any = MLPClassifier(
            hidden_layer_sizes=(workload.width,) * workload.depth,
            activation=workload.activation,
            solver="sgd",
            alpha=workload.l2 * workload.batch,
            batch_size=workload.batch,
            learning_rate_init=workload.lr,
            momentum=workload.momentum,
            nesterovs_momentum=False,
            shuffle=False,
        )
        self.classes = np.arange(len(task.data.classes))
        self._fit(task.batches[0])
        self._start()

    @classmethod
    def cannot(cls, workload: Workload) -> str | None:
        return "scikit-learn has no dropout" if workload.dropout else None

    def step(self, rows: Array) -> float:
        return self._fit(rows)

    def losses(self, batches: Iterable[Array]) -> list[float]:
        found = []
        for rows in batches:
            squares = sum(float(np.square(W, dtype=np.float64).sum()) for W in self.model.coefs_)
            penalty = self.task.workload.l2 / 2 * squares
            found.append(self._fit(rows) - penalty)
        return found

    def gradients(self, rows: Array) -> Sequence[Array]:
        """From the first velocity of a fresh start, which is -lr times the gradient."""
        self.model.set_params(alpha=0.0, batch_size=len(rows))
        self._fit(rows)
        found = [v / -self.task.workload.lr for v in self.model._optimizer.velocities]
        workload = self.task.workload
        self.model.set_params(alpha=workload.l2 * workload.batch, batch_size=workload.batch)
        self._start()
        n = len(self.task.weights)
        return [found[layer + n * bias] for layer in range(n) for bias in (0, 1)]

    def _fit(self, rows: Array) -> float:
        x = self.task.images[rows].astype(np.float32)
        x *= self.task.preprocessing.scale
        x += self.task.preprocessing.shift
        self.model.partial_fit(x, self.task.labels[rows], classes=self.classes)
        return float(self.model.loss_)

    def _start(self) -> None:
        """The task's weights, and no velocity."""
        arrays = zip(self.model.coefs_, self.model.intercepts_, strict=True)
        for pair, start in zip(arrays, self.task.weights, strict=True):
            for array, value in zip(pair, start, strict=True):
                array[...] = value
        for velocity in self.model._optimizer.velocities:
            velocity[...] = 0
