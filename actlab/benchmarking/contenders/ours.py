"""actlab itself, by its own training loop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack

import numpy as np
from threadpoolctl import threadpool_limits

from actlab.arrays import Array
from actlab.benchmarking.contenders.base import Contender
from actlab.benchmarking.workloads import Task, layers
from actlab.feeding import ahead
from actlab.nn.blas import blas_threads
from actlab.training import Run


class Ours(Contender):
    """`training.Run`, with the threads that `actlab run` would have."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        threads, self._open = blas_threads(), ExitStack()
        self._open.enter_context(threadpool_limits(1, user_api="blas"))
        self._open.enter_context(np.errstate(all="ignore"))
        self.run = Run(task.workload.experiment, task.data, threads=threads)
        for ours, theirs in zip(layers(self.run.network.parameters), task.weights, strict=True):
            for array, start in zip(ours, theirs, strict=True):
                array[...] = start
        self._open.enter_context(self.run.at_work())

    def step(self, rows: Array) -> float:
        return self.run.step(1, 0, rows)[0]

    def losses(self, batches: Iterable[Array]) -> list[float]:
        return [self.run.step(1, 0, *rows)[0] for rows in ahead(batches)]

    def gradients(self, rows: Array) -> Sequence[Array]:
        network = self.run.network.sharing_parameters()
        scores = network.forward(self.run.pipeline.apply(self.task.images[rows]))
        _, dy = network.loss.value_and_gradient(scores, self.task.labels[rows])
        network.backward(dy)
        return [array for pair in layers(network.gradients) for array in pair]

    def close(self) -> None:
        self._open.close()
