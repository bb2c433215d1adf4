"""What a probe sees, and what it returns."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.config import Part
from actlab.nn.activations import Activation

TENSORS = ("preactivation", "activation", "preactivation_gradient", "activation_gradient")


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


class Probe(Part):
    """A statistic recorded at every snapshot."""

    family: ClassVar[str] = "probe"

    @abstractmethod
    def measure(self, snapshot: Snapshot) -> dict[str, np.ndarray]:
        """Arrays by name, each with one row per layer unless it says otherwise."""
