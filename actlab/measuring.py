"""Measure a network on its probe examples, and keep the results of every snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from threading import Lock
from typing import overload

import numpy as np

from actlab.arrays import Array, joined
from actlab.data.dataset import Split
from actlab.data.preprocessing.pipeline import Pipeline
from actlab.experiment import Experiment
from actlab.nn.layer import Memory
from actlab.nn.network import Hidden, Network
from actlab.nn.stepping import in_rows, judged, number_of_parts
from actlab.nn.team import Team
from actlab.nn.updating import add_weight_gradient, dense_memories
from actlab.probes import Probe, Snapshot
from actlab.randomness import generator
from actlab.theory import input_squares


class Statistics:
    """The statistics recorded so far, and the fixed probe examples they are of."""

    def __init__(
        self, network: Network, pipeline: Pipeline, train: Split, experiment: Experiment
    ) -> None:
        self.experiment, self.pipeline = experiment, pipeline
        rows = _probe_rows(len(train), experiment)
        self.x = pipeline.apply(train.x[rows])
        self.labels = train.labels[rows]
        self.inputs = _described(self.x)
        self.parts = network.parts(number_of_parts(network, len(rows)), len(rows))
        self.network = self.parts[0]
        self.dense = [memories for _, memories in dense_memories(self.parts)]
        self.snapshots: list[dict[str, Array]] = []
        self.dead: Array | None = None
        self._kept: dict[tuple[str, int], Array] = {}

    def measure(
        self,
        epoch: int,
        step: int,
        weights_before: Array | None = None,
        team: Team | None = None,
    ) -> tuple[float, float]:
        """Take a snapshot in evaluation mode; loss and accuracy on the probe examples.

        `weights_before`, those before the last step, are overwritten by what it added. A team does
        the parts of the probe examples together; their number does not depend on it.
        """
        team = team or Team(1)
        loss, right = self._passes(team)
        found = {"epoch": np.asarray(epoch), "step": np.asarray(step)}
        found |= {"examples": np.asarray(len(self.labels)), **self.inputs}
        self.snapshots.append(found | self._probed(self._snapshot(weights_before, team), team))
        return loss, right / len(self.labels)

    def _passes(self, team: Team) -> tuple[float, float]:
        """Forward and backward: the loss of all probe examples, and how many were right."""
        found = team.each(self._pass, in_rows(self.parts, len(self.labels)))
        return sum(loss for loss, _ in found), sum(right for _, right in found)

    def _probed(self, snapshot: Snapshot, team: Team) -> dict[str, Array]:
        """What all probes find; each member of the team takes the next as soon as it is free."""
        probes = self.experiment.record.probes
        found = team.each(_measured, ((one, snapshot) for one in probes if not one.alone))
        for probe in probes:
            if probe.alone:
                found += team.each(_measured, [(probe, snapshot)])
        return {name: array for result in found for name, array in result.items()}

    def _pass(self, network: Network, rows: slice) -> tuple[float, float]:
        """Forward and backward for these rows: their share in the loss, and how many were right."""
        scores = network.forward(self.x[rows], batch_statistics=True)
        loss, right, dy = judged(network, scores, self.labels, rows)
        layers = {hidden.name: layer for layer, hidden in enumerate(network.hidden)}

        def observe(name: str, dy: Array, dx: Array) -> None:
            layer = layers[name]
            self._keep("activation_gradient", layer, rows, dy)
            if not network.hidden[layer].follows_dense:
                self._keep("preactivation_gradient", layer, rows, dx)

        network.backward(dy, observe)
        return loss, right

    def _keep(self, name: str, layer: int, rows: slice, values: Array) -> None:
        """Copy these rows to their place among those of all parts, in an array used every time."""
        kept = self._kept.get((name, layer))
        if kept is None:
            full = np.empty((len(self.labels), values.shape[1]), values.dtype)
            kept = self._kept.setdefault((name, layer), full)  # the other parts may be here too
        kept[rows] = values

    def _snapshot(self, weights_before: Array | None, team: Team) -> Snapshot:
        first = self.network
        hidden = list(zip(*(part.hidden for part in self.parts), strict=True))
        gradients, layers = "preactivation_gradient", range(len(hidden))
        tensors = {
            "preactivation": [joined([one.preactivations for one in layer]) for layer in hidden],
            "activation": [joined([one.activations for one in layer]) for layer in hidden],
            "activation_gradient": [self._kept["activation_gradient", n] for n in layers],
            gradients: [
                joined([one.weights.dy for one in layer])
                if layer[0].follows_dense
                else self._kept[gradients, n]
                for n, layer in enumerate(hidden)
            ],
        }
        weights = [name for name in first.parameters if name.endswith(".W")]
        return Snapshot(
            [one.activation.now(one.memory) for one in first.hidden],
            tensors,
            Slopes(hidden),
            [first.parameters[name] for name in weights],
            partial(self._weight_gradients, team),
            self._updates(weights, weights_before),
            self.experiment.record.bins,
            x=self.x,
            labels=self.labels,
            twin=lambda: self._twin,
            seed=self.experiment.seed,
        )

    def _weight_gradients(self, team: Team) -> list[Array]:
        """x^T dy of every dense layer, the rows of all parts taken together."""

        def take(memories: Sequence[Memory]) -> Array:
            dW: Array = memories[0].dW
            add_weight_gradient(memories, slice(None), dW, 0.0)
            return dW

        return team.each(take, ((memories,) for memories in self.dense))

    @cached_property
    def _twin(self) -> Network:
        """For the passes of probes that need further ones."""
        return self.network.sharing_parameters()

    def _updates(self, names: Iterable[str], before: Array | None) -> list[Array] | None:
        """What changed in each weight matrix; weights lie first in theta, in their order."""
        if before is None:
            return None
        change = np.subtract(self.network.workspace.theta[: before.size], before, out=before)
        ends = np.cumsum([self.network.parameters[name].size for name in names])
        return np.split(change, ends[:-1])

    def measure_dead_units(self, rows: Iterable[Array]) -> None:
        """Which share of each layer's units has slope zero on every one of these rows."""
        alive = [np.zeros(one.activations.shape[1], bool) for one in self.network.hidden]
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


class Slopes(Sequence[Array]):
    """f' at the pre-activations of each hidden layer, (examples, units), made when asked for.

    Kept for all layers, they would take as much memory as the activations. Several probes may ask
    at once; each gets an array of its own.
    """

    def __init__(self, hidden: Sequence[Sequence[Hidden]]) -> None:
        self._hidden, self._lock = hidden, Lock()

    def __len__(self) -> int:
        return len(self._hidden)

    @overload
    def __getitem__(self, layer: int) -> Array: ...

    @overload
    def __getitem__(self, layer: slice) -> list[Array]: ...

    def __getitem__(self, layer: int | slice) -> Array | list[Array]:
        if isinstance(layer, slice):
            return [self[n] for n in range(*layer.indices(len(self)))]
        with self._lock:  # the parts write slopes to a work array
            return np.concatenate([part.slopes() for part in self._hidden[layer]])


def _measured(probe: Probe, snapshot: Snapshot) -> dict[str, Array]:
    return probe.measure(snapshot)


def _described(x: Array) -> dict[str, Array]:
    """What the theory and `actlab explain` need to know of the preprocessed probe examples."""
    return {
        "input.features": np.asarray(x.shape[1]),
        "input.squares": input_squares(x),
        "input.mean": np.asarray(x.mean(dtype=float)),
        "input.min": np.asarray(x.min(), float),
    }


def _probe_rows(n: int, experiment: Experiment) -> Array:
    size = min(experiment.record.probe_examples, n)
    return np.sort(generator(experiment.seed, "probes").choice(n, size, replace=False))
