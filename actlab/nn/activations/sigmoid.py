"""Logistic sigmoid."""

from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations.base import Elementwise
from actlab.nn.activations.logistic import logistic_into


class Sigmoid(Elementwise):
    """f(x) = 1 / (1 + exp(-x)); f' = f (1 - f).

    Source: Rumelhart, Hinton and Williams (1986), "Learning representations by back-propagating
    errors".
    """

    name: ClassVar[str] = "sigmoid"
    aliases: ClassVar[tuple[str, ...]] = ("logistic",)

    @property
    def bounds(self) -> tuple[float, float]:
        return (0.0, 1.0)

    @property
    def steepest(self) -> float:
        return 0.25

    def value_into(self, x: Array, out: Array) -> None:
        logistic_into(x, out)

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        if x.dtype == np.float32:
            np.subtract(y, np.square(y, out=out), out=out)
            return
        # f - f^2 cancels where f is near 1: e / (1 + e)^2 with e = exp(-|x|) does not, at the
        # price of a second exp, which training does not pay
        np.exp(np.negative(np.abs(x, out=out), out=out), out=out)
        denominator = out + 1
        np.divide(out, denominator, out=out)
        np.divide(out, denominator, out=out)
