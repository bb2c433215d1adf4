"""Softplus."""

from math import inf
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations.base import Elementwise
from actlab.nn.activations.logistic import logistic_into


class Softplus(Elementwise):
    """f(x) = ln(1 + exp(beta x)) / beta, at most ln 2 / beta above ReLU; f' = sigmoid(beta x).

    Source: Dugas, Bengio, Belisle, Nadeau and Garcia (2001), "Incorporating second-order
    functional knowledge for better option pricing".
    """

    name: ClassVar[str] = "softplus"

    beta: float = Field(1.0, gt=0, description="sharpness of the corner")

    @property
    def bounds(self) -> tuple[float, float]:
        return (0.0, inf)

    def value_into(self, x: Array, out: Array) -> None:
        # max(0, x) + ln(1 + exp(-beta |x|)) / beta never overflows
        np.exp(np.multiply(np.abs(x, out=out), -self.beta, out=out), out=out)
        np.log1p(out, out=out)
        if self.beta != 1:
            np.divide(out, self.beta, out=out)
        np.add(out, np.clip(x, 0, inf), out=out)

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        logistic_into(x if self.beta == 1 else x * self.beta, out)
