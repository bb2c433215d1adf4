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
        z = np.clip(x, -3, 3, out=slope)
        inside = np.less(np.abs(z, out=out), 3)
        # left of -3 the gate is 0, and an infinite x would make 0 * inf of it
        np.maximum(x, z, out=out)
        np.divide(z, 6, out=z)
        gate = z + 0.5
        np.multiply(out, gate, out=out)
        np.add(np.multiply(z, inside, out=slope), gate, out=slope)
