"""Continuously differentiable exponential linear unit."""

from math import inf
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations.base import Elementwise


class CELU(Elementwise):
    """f(x) = x where x > 0, otherwise alpha (exp(x / alpha) - 1): no kink for any alpha.

    Source: Barron (2017), "Continuously differentiable exponential linear units",
    arXiv 1704.07483.
    """

    name: ClassVar[str] = "celu"

    alpha: float = Field(1.0, gt=0, description="minus the limit on the left")

    @property
    def bounds(self) -> tuple[float, float]:
        return (-self.alpha, inf)

    def value_into(self, x: Array, out: Array) -> None:
        self._scaled_left_into(x, out)
        np.multiply(np.expm1(out, out=out), self.alpha, out=out)
        np.add(out, np.clip(x, 0, inf), out=out)

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        self._scaled_left_into(x, out)
        np.exp(out, out=out)

    def _scaled_left_into(self, x: Array, out: Array) -> None:
        np.clip(x, -1e3 * self.alpha, 0, out=out)
        if self.alpha != 1:
            np.divide(out, self.alpha, out=out)
