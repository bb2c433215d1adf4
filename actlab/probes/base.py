"""What a probe sees, and what it returns."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from actlab.arrays import Array
from actlab.config import Part
from actlab.nn.activations import Activation
from actlab.nn.activations.rows import Rows, softmax_into
from actlab.nn.network import Network
from actlab.randomness import generator

TENSORS = ("preactivation", "activation", "preactivation_gradient", "activation_gradient")
BLOCK = 1 << 16
"""Elements to take at a time where they become double precision: as many as the cache holds."""


@dataclass(frozen=True)
class Snapshot:
    """The network after one forward and backward pass of the probe examples, layer by layer."""

    activation: Sequence[Activation]
    tensors: Mapping[str, Sequence[Array]]
    """By the names in TENSORS, an array (examples, units) for each hidden layer."""
    slopes: Sequence[Array]
    """f' at the pre-activations, (examples, units), for each hidden layer: made anew each time."""
    weights: Sequence[Array]
    take_weight_gradients: Callable[[], Sequence[Array]]
    """Takes the products that `weight_gradients` are."""
    updates: Sequence[Array] | None
    """What the last step added to each weight matrix; None before the first."""
    bins: int
    x: Array
    """The probe examples as the network sees them, (examples, features)."""
    labels: NDArray[np.int64]
    twin: Callable[[], Network]
    """A network over the same parameters and running averages, with work arrays of its own: for
    further passes, which disturb nothing unless they train. It is made when first asked for,
    by probes that are `alone`."""
    seed: int

    def generator(self, probe: str, *key: int) -> np.random.Generator:
        """A generator of this probe's own: the same draws at every snapshot, to pair them."""
        return generator(self.seed, "probes", crc32(probe.encode()), *key)

    def evenly(self, number: int) -> NDArray[np.intp]:
        """Up to so many rows of the probe examples, evenly spaced."""
        n = len(self.labels)
        number = min(number, n)
        return np.arange(number) * n // number

    @cached_property
    def weight_gradients(self) -> Sequence[Array]:
        """The gradient of each weight matrix."""
        return self.take_weight_gradients()

    @cached_property
    def ranges(self) -> Mapping[str, Sequence[tuple[float, float]]]:
        """Least and greatest value of every tensor, layer by layer; NaN if there is one."""
        return {
            tensor: [(float(x.min()), float(x.max())) for x in layers]
            for tensor, layers in self.tensors.items()
        }

    @cached_property
    def zeros(self) -> Mapping[str, Sequence[int]]:
        """How many values of every tensor are exactly 0, layer by layer."""
        return {
            tensor: [int(np.count_nonzero(np.equal(x, 0))) for x in layers]
            for tensor, layers in self.tensors.items()
        }

    @property
    def saturated(self) -> Sequence[Array]:
        """Where |f'| is under 1% of its maximum, for each hidden layer."""
        return [saturated for saturated, _ in self._of_slopes]

    @property
    def dead(self) -> Sequence[Array]:
        """Which units have f' = 0 on every example, for each hidden layer."""
        return [dead for _, dead in self._of_slopes]

    @cached_property
    def _of_slopes(self) -> list[tuple[Array, Array]]:
        """`saturated` and `dead`, from slopes made once for both."""
        layers = zip(self.activation, self.slopes, strict=True)
        return [(f.saturated(slope), np.asarray(~slope.any(axis=0))) for f, slope in layers]


class Probe(Part):
    """A statistic recorded at every snapshot."""

    family: ClassVar[str] = "probe"
    alone: ClassVar[bool] = False
    """Whether it asks for the twin, which is one for all: then no other measures beside it."""

    @abstractmethod
    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Arrays by name, each with one row per layer unless it says otherwise."""


def mean_of_known(values: Array, axis: int = 0) -> Array:
    """The mean over an axis of what is not NaN; NaN where nothing is left."""
    known = ~np.isnan(values)
    number = known.sum(axis=axis)
    return np.where(known, values, 0).sum(axis=axis) / np.where(number > 0, number, np.nan)


def by_unit(activation: Activation) -> bool:
    """Whether the output of a unit is a function of one pre-activation, its own."""
    return activation.widening == 1 and not isinstance(activation, Rows)


def probabilities(scores: Array) -> Array:
    """Softmax of scores (examples, classes), in float64."""
    p = np.empty(scores.shape)
    softmax_into(scores.astype(np.float64), p)
    return p
