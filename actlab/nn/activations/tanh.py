"""Hyperbolic tangent."""

from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations.base import Elementwise


class Tanh(Elementwise):
    """f(x) = tanh(x) = 2 sigmoid(2x) - 1; f' = 1 - f^2.

    Source: LeCun, Bottou, Orr and Mueller (1998), "Efficient BackProp".
    """

    name: ClassVar[str] = "tanh"

    @property
    def bounds(self) -> tuple[float, float]:
        return (-1.0, 1.0)

    def value_into(self, x: Array, out: Array) -> None:
        np.tanh(x, out=out)

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        np.multiply(y, y, out=out)
        np.subtract(1, out, out=out)
