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
        if x.dtype == np.float32:
            np.subtract(1, np.square(y, out=out), out=out)
            return
        # 1 - f^2 cancels where |f| is near 1, to 0 from |x| = 19 on; 4e / (1 + e)^2 with
        # e = exp(-2|x|) does not, at the price of an exp, which training does not pay
        np.exp(np.multiply(np.abs(x, out=out), -2, out=out), out=out)
        denominator = out + 1
        np.divide(np.multiply(out, 4, out=out), denominator, out=out)
        np.divide(out, denominator, out=out)
