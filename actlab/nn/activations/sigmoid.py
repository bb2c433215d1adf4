"""Logistic sigmoid."""

from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations.base import Elementwise


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
        # exp(-|x|) never overflows; the numerator is 1 on the right and exp(x) on the left
        np.exp(np.negative(np.abs(x, out=out), out=out), out=out)
        denominator = out + 1
        np.maximum(out, np.greater_equal(x, 0), out=out)
        np.divide(out, denominator, out=out)

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        # f (1 - f) would cancel where f is near 1: e / (1 + e)^2 with e = exp(-|x|) does not
        np.exp(np.negative(np.abs(x, out=out), out=out), out=out)
        denominator = out + 1
        np.divide(out, denominator, out=out)
        np.divide(out, denominator, out=out)
