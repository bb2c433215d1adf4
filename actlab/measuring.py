"""Measure a network on its probe examples, and keep the results of every snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from actlab.arrays import Array
from actlab.data.dataset import Split
from actlab.data.preprocessing.pipeline import Pipeline
from actlab.experiment import Experiment
from actlab.nn.network import Network
from actlab.probes import Snapshot
from actlab.probes.base import TENSORS
from actlab.randomness import generator


class Statistics:
    """The statistics recorded so far, and the fixed probe examples they are of."""

    def __init__(
        self, network: Network, pipeline: Pipeline, train: Split, experiment: Experiment
    ) -> None:
        self.experiment, self.pipeline = experiment, pipeline
        self.network = network.sharing_parameters()
        rows = _probe_rows(len(train), experiment)
        self.x = pipeline.apply(train.x[rows])
        self.labels = train.labels[rows]
        self.snapshots: list[dict[str, Array]] = []
        self.dead: Array | None = None

    def measure(
        self, epoch: int, step: int, weights_before: Array | None = None
    ) -> tuple[float, float]:
        """Take a snapshot in evaluation mode; loss and accuracy on the probe examples."""
        network = self.network
        scores = network.forward(self.x, batch_statistics=True)
        accuracy = float(np.mean(scores.argmax(axis=1) == self.labels))
        loss, dy = network.loss.value_and_gradient(scores, self.labels)
        snapshot = self._snapshot(dy, weights_before)
        found = {"epoch": np.asarray(epoch), "step": np.asarray(step)}
        found["examples"] = np.asarray(len(self.labels))
        for probe in self.experiment.record.probes:
            found |= probe.measure(snapshot)
        self.snapshots.append(found)
        return loss, accuracy

    def _snapshot(self, dy: Array, weights_before: Array | None) -> Snapshot:
        network = self.network
        slopes = [hidden.slopes().copy() for hidden in network.hidden]
        arriving: dict[str, Array] = {}
        passed: dict[str, Array] = {}

        def observe(name: str, dy: Array, dx: Array) -> None:
            arriving[name], passed[name] = dy, dx.copy()

        network.backward(dy, observe)
        names = [hidden.name for hidden in network.hidden]
        layers = (
            [hidden.preactivations for hidden in network.hidden],
            [hidden.activations for hidden in network.hidden],
            [passed[name] for name in names],
            [arriving[name] for name in names],
        )
        weights = [name for name in network.parameters if name.endswith(".W")]
        return Snapshot(
            [hidden.activation.now(hidden.memory) for hidden in network.hidden],
            dict(zip(TENSORS, layers, strict=True)),
            slopes,
            [network.parameters[name] for name in weights],
            [network.gradients[name] for name in weights],
            self._updates(weights, weights_before),
            self.experiment.record.bins,
            inputs=[hidden.weights.x for hidden in network.hidden],
            x=self.x,
            labels=self.labels,
            twin=lambda: self._twin,
            seed=self.experiment.seed,
        )

    @cached_property
    def _twin(self) -> Network:
        """For the passes of probes that need further ones."""
        return self.network.sharing_parameters()

    def _updates(self, names: Iterable[str], before: Array | None) -> list[Array] | None:
        """What changed in each weight matrix; weights lie first in theta, in their order."""
        if before is None:
            return None
        change = self.network.workspace.theta[: before.size] - before
        ends = np.cumsum([self.network.parameters[name].size for name in names])
        return np.split(change, ends[:-1])

    def measure_dead_units(self, rows: Iterable[Array]) -> None:
        """Which share of each layer's units has slope zero on every one of these rows."""
        alive: list[Array] = [np.zeros(h.activations.shape[1], bool) for h in self.network.hidden]
        for x in rows:
            self.network.forward(self.pipeline.apply(x))
            for so_far, hidden in zip(alive, self.network.hidden, strict=True):
                so_far |= (hidden.slopes() != 0).any(axis=0)
        self.dead = np.array([1 - so_far.mean() for so_far in alive], float)

    def arrays(self) -> dict[str, Array]:
        """All snapshots, stacked by name."""
        if not self.snapshots:
            return {}
        stacked = {name: np.stack([s[name] for s in self.snapshots]) for name in self.snapshots[0]}
        return stacked | ({} if self.dead is None else {"dead_fraction_training_set": self.dead})


def _probe_rows(n: int, experiment: Experiment) -> Array:
    size = min(experiment.record.probe_examples, n)
    return np.sort(generator(experiment.seed, "probes").choice(n, size, replace=False))
