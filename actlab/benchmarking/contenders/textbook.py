"""NumPy as textbooks have it: a fresh array for every result, formula by formula."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from actlab.arrays import Array
from actlab.benchmarking.contenders.base import Contender
from actlab.benchmarking.workloads import Task


class Textbook(Contender):
    """Forward, backward and update in a straight line, BLAS on all cores."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.parameters = [array.copy() for pair in task.weights for array in pair]
        self.velocities = [np.zeros_like(array) for array in self.parameters]
        self.rng = np.random.default_rng(0)
        self.right = 0

    def step(self, rows: Array) -> float:
        loss, gradients = self._pass(rows, self.task.workload.dropout)
        workload = self.task.workload
        for index, gradient in enumerate(gradients):
            if gradient.ndim == 2:
                gradient = gradient + workload.l2 * self.parameters[index]
            self.velocities[index] = workload.momentum * self.velocities[index] + gradient
            self.parameters[index] = self.parameters[index] - workload.lr * self.velocities[index]
        return loss

    def gradients(self, rows: Array) -> Sequence[Array]:
        return self._pass(rows, 0.0)[1]

    def _pass(self, rows: Array, dropout: float) -> tuple[float, list[Array]]:
        """The loss and its gradients."""
        W, b = self.parameters[::2], self.parameters[1::2]
        labels, tanh = self.task.labels[rows], self.task.workload.activation == "tanh"
        scale, shift = self.task.preprocessing.scale, self.task.preprocessing.shift
        inputs, slopes = [self.task.images[rows].astype(np.float32) * scale + shift], []
        for layer in range(len(W) - 1):
            z = inputs[-1] @ W[layer] + b[layer]
            y = np.tanh(z) if tanh else np.maximum(z, 0)
            slope = 1 - y**2 if tanh else (z > 0).astype(np.float32)
            if dropout:
                mask = (self.rng.random(z.shape, np.float32) >= dropout).astype(np.float32)
                mask = mask / np.float32(1 - dropout)
                y, slope = y * mask, slope * mask
            inputs.append(y)
            slopes.append(slope)
        scores = inputs[-1] @ W[-1] + b[-1]
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        each = np.arange(len(rows))
        loss = -np.log(p[each, labels]).mean()
        self.right += int((scores.argmax(axis=1) == labels).sum())
        dz = p
        dz[each, labels] -= 1
        dz = dz / np.float32(len(rows))
        gradients: list[Array] = []
        for layer in reversed(range(len(W))):
            gradients = [inputs[layer].T @ dz, dz.sum(axis=0), *gradients]
            if layer > 0:
                dz = (dz @ W[layer].T) * slopes[layer - 1]
        return float(loss), gradients
