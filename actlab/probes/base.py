"""What a probe sees, and what it returns."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.config import Part
from actlab.nn.activations import Activation

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
    """f' at the pre-activations, (examples, units), for each hidden layer."""
    weights: Sequence[Array]
    weight_gradients: Sequence[Array]
    updates: Sequence[Array] | None
    """What the last step added to each weight matrix; None before the first."""
    bins: int

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

    @cached_property
    def saturated(self) -> Sequence[Array]:
        """Where |f'| is under 1% of its maximum, for each hidden layer."""
        return [f.saturated(slope) for f, slope in zip(self.activation, self.slopes, strict=True)]


class Probe(Part):
    """A statistic recorded at every snapshot."""

    family: ClassVar[str] = "probe"

    @abstractmethod
    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Arrays by name, each with one row per layer unless it says otherwise."""
