"""What a contender does: train on batches it is named, and show its gradients."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from actlab.arrays import Array
from actlab.benchmarking.workloads import Task, Workload


class Contender(ABC):
    """Trains the network of a task; every one starts from the same weights."""

    def __init__(self, task: Task) -> None:
        self.task = task

    @abstractmethod
    def step(self, rows: Array) -> float:
        """Train on these images; their mean loss before the step, without penalties.

        A step gathers, scales and centres the batch, and counts how many were right, as one that
        reports its progress does.
        """

    def losses(self, batches: Iterable[Array]) -> list[float]:
        """Train on these batches; the loss before each step, without penalties."""
        return [self.step(rows) for rows in batches]

    @abstractmethod
    def gradients(self, rows: Array) -> Sequence[Array]:
        """Of the loss without penalties and without dropout: dW1 (n_in, n_out), db1, dW2, ..."""

    def close(self) -> None:  # noqa: B027 (most have nothing to close)
        """Let go of threads."""

    @classmethod
    def cannot(cls, workload: Workload) -> str | None:
        """Why this workload is beyond it, if it is."""
        return None
