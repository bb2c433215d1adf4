"""Measure a network on its probe examples, and keep the results of every snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from threading import Lock
from typing import overload

import numpy as np

from actlab.arrays import Array, whole
from actlab.data.dataset import Split
from actlab.data.preprocessing.pipeline import Pipeline
from actlab.experiment import Experiment
from actlab.nn.layer import Memory
from actlab.nn.losses import n_right
from actlab.nn.network import Hidden, Network
from actlab.nn.stepping import add_weight_gradient, dense_memories, in_parts, number_of_parts
from actlab.nn.team import Team
from actlab.probes import Snapshot
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
        self.dense = list(dense_memories(self.parts))
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
        self.snapshots.append(found | self._probed(self._snapshot(weights_before), team))
        return loss, right / len(self.labels)

    def _passes(self, team: Team) -> tuple[float, float]:
        """Forward and backward: the loss of all probe examples, and how many were right."""
        found = in_parts(self.parts, len(self.labels), team, self._pass)
        team.in_turn(partial(_weight_gradient, memories) for memories in self.dense)
        return found

    def _probed(self, snapshot: Snapshot, team: Team) -> dict[str, Array]:
        """What all probes find; each member of the team takes the next as soon as it is free."""
        probes = self.experiment.record.probes
        results: list[dict[str, Array]] = [{} for _ in probes]

        def take(index: int) -> None:
            with np.errstate(all="ignore"):  # which is each thread's own
                results[index] = probes[index].measure(snapshot)

        team.in_turn(partial(take, n) for n, probe in enumerate(probes) if not probe.alone)
        for index in (n for n, probe in enumerate(probes) if probe.alone):
            take(index)
        return {name: array for result in results for name, array in result.items()}

    def _pass(self, network: Network, rows: slice) -> tuple[float, float]:
        """Forward and backward for these rows: their share in the loss, and how many were right."""
        with np.errstate(all="ignore"):  # which is each thread's own
            network.workspace.start = rows.start
            scores = network.forward(self.x[rows], batch_statistics=True)
            right = n_right(scores, self.labels[rows])
            loss, dy = network.loss.value_and_gradient(
                scores, self.labels[rows], rows=len(self.labels)
            )
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

    def _snapshot(self, weights_before: Array | None) -> Snapshot:
        first = self.network
        hidden = list(zip(*(part.hidden for part in self.parts), strict=True))
        gradients, layers = "preactivation_gradient", range(len(hidden))
        tensors = {
            "preactivation": [_joined([one.preactivations for one in layer]) for layer in hidden],
            "activation": [_joined([one.activations for one in layer]) for layer in hidden],
            "activation_gradient": [self._kept["activation_gradient", n] for n in layers],
            gradients: [
                _joined([one.weights.dy for one in layer])
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
            [first.gradients[name] for name in weights],
            self._updates(weights, weights_before),
            self.experiment.record.bins,
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


def _weight_gradient(memories: Sequence[Memory]) -> None:
    """Assign x^T dy to dW of the first part, the rows of all parts taken together."""
    with np.errstate(all="ignore"):  # which is each thread's own
        add_weight_gradient(memories, slice(None), memories[0].dW, 0.0)


def _joined(parts: Sequence[Array]) -> Array:
    """The rows of all parts: where they lie, if that is in one array."""
    found = whole(parts)
    return np.concatenate(parts) if found is None else found


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
