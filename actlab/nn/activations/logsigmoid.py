"""Logarithm of the logistic sigmoid."""

from math import inf
from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations.base import Elementwise
from actlab.nn.activations.logistic import logistic_into


class LogSigmoid(Elementwise):
    """f(x) = ln sigmoid(x) = -softplus(-x); f' = sigmoid(-x).

    Source: the log-likelihood of one binary outcome, Cox (1958), "The regression analysis of
    binary sequences".
    """

    name: ClassVar[str] = "logsigmoid"

    @property
    def bounds(self) -> tuple[float, float]:
        return (-inf, 0.0)

    def value_into(self, x: Array, out: Array) -> None:
        np.log1p(np.exp(np.negative(np.abs(x, out=out), out=out), out=out), out=out)
        np.subtract(np.clip(x, -inf, 0), out, out=out)

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        logistic_into(np.negative(x), out)
