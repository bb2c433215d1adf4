"""How near scaled weights come to the mean of an ensemble."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.network import Network
from actlab.probes.base import Probe, Snapshot, probabilities


class Masks(Probe):
    """Distance of p, predicted without noise, from the mean of predictions with n sampled masks.

    `masks.distance (numbers,)`: sqrt(mean |p - mean_n p_m|^2) over probe examples, p the softmax of
    the scores, and over as many disjoint groups of n as there are masks for; `masks.single ()`:
    sqrt(mean |p_m - mean p_m|^2), how far one mask is from the mean of all. If scaled weights were
    the mean of the ensemble, the distance would be single / sqrt(n). Both are 0 without dropout,
    dropconnect or stochastic depth. Batch normalization uses its running averages. Dropconnect and
    stochastic depth draw one mask for all examples.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), "Dropout: a simple
    way to prevent neural networks from overfitting", section 7.5; Baldi and Sadowski (2013),
    "Understanding dropout".
    """

    name: ClassVar[str] = "masks"
    alone: ClassVar[bool] = True

    numbers: tuple[Annotated[int, Field(ge=1, le=100_000)], ...] = Field(
        (1, 3, 10, 30, 100), min_length=1, description="masks to average over"
    )
    examples: int = Field(200, ge=1, description="probe examples, evenly spaced")

    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        network = snapshot.twin()
        if not any(placed.layer.sampled for placed in network.placed):
            zeros = np.zeros(len(self.numbers))
            return {"masks.distance": zeros, "masks.single": np.asarray(0.0)}
        x = snapshot.x[snapshot.evenly(self.examples)]
        plain = probabilities(network.forward(x))
        sampled = self._sampled(network, x, snapshot)
        distances = [_rms(_means(sampled, n) - plain) for n in self.numbers]
        return {
            "masks.distance": np.array(distances),
            "masks.single": np.asarray(_rms(sampled - sampled.mean(axis=0))),
        }

    def _sampled(self, network: Network, x: Array, snapshot: Snapshot) -> Array:
        """Predictions (masks, examples, classes), from noise that is not that of training."""
        for place, placed in enumerate(network.placed):
            placed.memory.rng = snapshot.generator(self.name, place)
        draws = range(max(self.numbers))
        return np.stack([probabilities(network.forward(x, sampled=True)) for _ in draws])


def _means(sampled: Array, n: int) -> Array:
    """The means of disjoint groups of n predictions, (groups, examples, classes)."""
    groups = len(sampled) // n
    return sampled[: groups * n].reshape(groups, n, *sampled.shape[1:]).mean(axis=1)


def _rms(differences: Array) -> float:
    """The root of the mean of |d|^2 over all rows of classes."""
    return float(np.sqrt(np.square(differences).sum(axis=-1).mean()))
