"""Hard swish: swish with straight lines in place of the sigmoid."""

from collections.abc import Mapping
from math import inf
from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations.base import Elementwise, tamed, uncut


class HardSwish(Elementwise):
    """f(x) = x ReLU6(x + 3) / 6; f' = x / 3 + 1/2 where -3 < x < 3, 0 left of it, 1 right of it.

    Source: Howard et al. (2019), "Searching for MobileNetV3", arXiv 1905.02244.
    """

    name: ClassVar[str] = "hardswish"
    block: ClassVar[int] = 1 << 20  # with one temporary in backward

    @property
    def kinks(self) -> Mapping[float, float]:
        return {-3.0: 0.0, 3.0: 1.0}

    @property
    def steepest(self) -> float:
        return 1.5

    @property
    def bounds(self) -> tuple[float, float]:
        return (-0.375, inf)

    def value_into(self, x: Array, out: Array) -> None:
        z = tamed(x, 3)
        gate = np.clip(z, -3, 3, out=out)
        np.multiply(np.add(gate, 3, out=gate), 1 / 6, out=gate)
        np.multiply(z, gate, out=out)
        uncut(x, z, out)

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        # without the ends, which are 1 and -1 from the kinks on and otherwise 0, it would go on to
        # 3/2 and -1/2
        third = np.multiply(np.clip(x, -3, 3, out=out), 1 / 3, out=out)
        ends = np.trunc(third)
        np.subtract(third, np.multiply(ends, 0.5, out=ends), out=out)
        np.add(out, 0.5, out=out)
