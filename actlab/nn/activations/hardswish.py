"""Hard swish: swish with straight lines in place of the sigmoid."""

from collections.abc import Mapping
from math import inf
from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations.base import Fused


class HardSwish(Fused):
    """f(x) = x ReLU6(x + 3) / 6; f' = x / 3 + 1/2 where -3 < x < 3, 0 left of it, 1 right of it.

    Source: Howard et al. (2019), "Searching for MobileNetV3", arXiv 1905.02244.
    """

    name: ClassVar[str] = "hardswish"

    @property
    def kinks(self) -> Mapping[float, float]:
        return {-3.0: 0.0, 3.0: 1.0}

    @property
    def steepest(self) -> float:
        return 1.5

    @property
    def bounds(self) -> tuple[float, float]:
        return (-0.375, inf)

    def both_into(self, x: Array, out: Array, slope: Array) -> None:
        gate = np.add(np.clip(x, -3, 3, out=slope), 3)
        np.multiply(gate, 1 / 6, out=gate)
        # left of -3 the gate is 0, and an infinite x would make 0 * inf of it
        np.multiply(np.clip(x, -3, inf, out=out), gate, out=out)
        # 2 gate - 1/2 between the kinks, where ceil is 1 and floor 0; at gate 0 both are 0, at 1
        # both are 1, which gives the slopes 0 and 1 there without a comparison
        ends = np.add(np.ceil(gate, out=slope), np.floor(gate), out=slope)
        np.subtract(np.multiply(gate, 4, out=gate), ends, out=slope)
        np.multiply(slope, 0.5, out=slope)
