"""PyTorch: eager as people use it, tuned, and compiled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from actlab.arrays import Array
from actlab.benchmarking.contenders.base import Contender
from actlab.benchmarking.workloads import Task


class Eager(Contender):
    """nn.Sequential, torch.optim.SGD with weight_decay on weights, a fresh batch a step."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.network = _network(task)
        self.model: Any = self.network
        self.images, self.labels = torch.from_numpy(task.images), torch.from_numpy(task.labels)
        self.scale, self.shift = (
            torch.from_numpy(array)
            for array in (task.preprocessing.scale, task.preprocessing.shift)
        )
        self.optimizer = self._optimizer()
        self.right = 0

    def step(self, rows: Array) -> float:
        x, labels = self._batch(torch.from_numpy(rows))
        self.optimizer.zero_grad()
        scores = self.model(x)
        loss = torch.nn.functional.cross_entropy(scores, labels)
        loss.backward()
        self.optimizer.step()
        self.right += int((scores.argmax(1) == labels).sum())
        return float(loss.item())

    def gradients(self, rows: Array) -> Sequence[Array]:
        x, labels = self._batch(torch.from_numpy(rows))
        self.network.eval()
        self.optimizer.zero_grad()
        torch.nn.functional.cross_entropy(self.network(x), labels).backward()
        self.network.train()
        found = [parameter.grad.numpy().T.copy() for parameter in self.network.parameters()]
        self.optimizer.zero_grad()
        return found

    def _batch(self, rows: Any) -> tuple[Any, Any]:
        x = self.images[rows].float().mul_(self.scale).add_(self.shift)
        return x, self.labels[rows]

    def _optimizer(self, **settings: Any) -> Any:
        workload, parameters = self.task.workload, list(self.network.parameters())
        groups = [
            {"params": parameters[::2], "weight_decay": workload.l2},
            {"params": parameters[1::2], "weight_decay": 0.0},
        ]
        return torch.optim.SGD(groups, lr=workload.lr, momentum=workload.momentum, **settings)


class Tuned(Eager):
    """The fused optimizer, and batches gathered into arrays that are there already."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        features = task.images.shape[1]
        self.rows = torch.empty((task.workload.batch, features), dtype=torch.uint8)
        self.x = torch.empty((task.workload.batch, features))

    def _batch(self, rows: Any) -> tuple[Any, Any]:
        raw, x = self.rows[: len(rows)], self.x[: len(rows)]
        torch.index_select(self.images, 0, rows, out=raw)
        return x.copy_(raw).mul_(self.scale).add_(self.shift), self.labels[rows]

    def _optimizer(self, **settings: Any) -> Any:
        return super()._optimizer(fused=True)


class Compiled(Tuned):
    """The tuned one, its network compiled; needs a C++ compiler."""

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        self.model = torch.compile(self.network)


def _network(task: Task) -> Any:
    """The layers of the task with its weights; PyTorch keeps W transposed."""
    kind = torch.nn.Tanh if task.workload.activation == "tanh" else torch.nn.ReLU
    layers: list[Any] = []
    for W, b in task.weights:
        linear = torch.nn.Linear(*W.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(np.ascontiguousarray(W.T)))
            linear.bias.copy_(torch.from_numpy(b))
        layers += [linear, kind()]
        if task.workload.dropout:
            layers.append(torch.nn.Dropout(task.workload.dropout))
    return torch.nn.Sequential(*layers[: -2 if task.workload.dropout else -1])
