"""The networks that are timed, and what every contender is given to train them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from actlab.arrays import Array
from actlab.data.dataset import Dataset
from actlab.data.preprocessing.transforms import Affine
from actlab.experiment import Experiment, load
from actlab.training import Run

EXAMPLES = 10_000
"""Images: 31 MB of bytes, more than a core's caches hold, so gathering a batch costs what it does
in a run."""


@dataclass(frozen=True)
class Workload:
    """A network for 10 classes of CIFAR-shaped images, its batches, and SGD with momentum and L2.

    Xavier weights under tanh, He weights under ReLU, float32. Under ReLU the learning rate is small
    enough that one unit, rounded to the other side of its kink, does not part two contenders within
    the steps after which their losses are compared.
    """

    name: str
    depth: int
    width: int
    activation: str
    batch: int
    lr: float
    dropout: float = 0.0
    momentum: float = 0.9
    l2: float = 1e-4
    examples: int = EXAMPLES

    def __str__(self) -> str:
        dropout = f", dropout {self.dropout:g}" if self.dropout else ""
        shape = f"3072 inputs, {self.depth} x {self.width} {self.activation}"
        return f"{self.name}: {shape}{dropout}, batch {self.batch}"

    @property
    def without_dropout(self) -> Workload:
        """The same network without its noise: what two contenders can agree on."""
        return replace(self, dropout=0.0)

    @property
    def experiment(self) -> Experiment:
        """The workload as a config."""
        regularization: dict[str, Any] = {"l2": self.l2}
        if self.dropout:
            regularization["dropout"] = self.dropout
        init = "xavier_normal" if self.activation == "tanh" else "he_normal"
        model = {"depth": self.depth, "width": self.width, "activation": self.activation}
        source = {"name": "synthetic", "train": self.examples, "validation": 0, "test": 0}
        optimizer = {"name": "sgd", "lr": self.lr, "momentum": self.momentum}
        return load(
            {
                "data": {"source": source},
                "model": {**model, "init": init},
                "regularization": regularization,
                "train": {"batch_size": self.batch, "epochs": 1, "optimizer": optimizer},
            }
        )


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("lecture", 10, 500, "tanh", 128, 0.01),
        Workload("glorot", 5, 1000, "tanh", 128, 0.01),
        Workload("glorot10", 5, 1000, "tanh", 10, 0.001),
        Workload("wide", 2, 4096, "relu", 256, 0.001, dropout=0.5),
        Workload("small", 2, 100, "relu", 100, 0.001),
    )
}


@dataclass(frozen=True)
class Task:
    """A workload with its images, first weights and batches: the same for every contender."""

    workload: Workload
    data: Dataset
    preprocessing: Affine
    """x = scale bytes + shift, in float32."""
    weights: tuple[tuple[Array, Array], ...]
    """W (n_in, n_out) and b (n_out,) of every layer, from the input on."""
    batches: tuple[Array, ...]
    """Rows of the training images, batch by batch."""

    @property
    def images(self) -> Array:
        """(examples, 3072), uint8."""
        return self.data.train.x

    @property
    def labels(self) -> Array:
        """(examples,), int64."""
        return self.data.train.labels

    @property
    def without_dropout(self) -> Task:
        """The same task without noise."""
        return replace(self, workload=self.workload.without_dropout)

    def inputs(self, rows: Array) -> Array:
        """These images, scaled and centred, in float32."""
        return self.preprocessing.apply(self.images[rows])


def task(workload: Workload) -> Task:
    """The task of a workload, its images drawn, its weights and batches those of a run of ours."""
    experiment = workload.experiment
    data = experiment.data.source.load(experiment.seed)
    run = Run(experiment, data)
    (preprocessing,) = run.pipeline.steps
    assert isinstance(preprocessing, Affine)
    batches = [rows for rows in run.batches(1) if len(rows) == run.batch_size]
    return Task(workload, data, preprocessing, layers(run.network.parameters), tuple(batches))


def layers(arrays: dict[str, Array]) -> tuple[tuple[Array, Array], ...]:
    """A network's parameters or gradients as pairs of W and b, from the input on."""
    names = [name.removesuffix(".W") for name in arrays if name.endswith(".W")]
    return tuple((arrays[f"{name}.W"], arrays[f"{name}.b"]) for name in names)


def products(task: Task) -> list[tuple[int, int]]:
    """n_in and n_out of every layer."""
    widths = [task.images.shape[1], *(W.shape[1] for W, _ in task.weights)]
    return list(pairwise(widths))


def preactivations(task: Task, rows: Array) -> list[Array]:
    """Those of the hidden layers for these images, in float64."""
    x, found = task.inputs(rows).astype(np.float64), []
    for W, b in task.weights[:-1]:
        found.append(x @ W + b)
        x = np.tanh(found[-1]) if task.workload.activation == "tanh" else np.maximum(found[-1], 0)
    return found
