"""Exponential linear unit."""

from collections.abc import Mapping
from math import inf
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations.base import Elementwise


class ELU(Elementwise):
    """f(x) = x where x > 0, otherwise alpha (exp(x) - 1); its slope is continuous for alpha = 1.

    Source: Clevert, Unterthiner and Hochreiter (2015), "Fast and accurate deep network learning by
    exponential linear units (ELUs)", arXiv 1511.07289.
    """

    name: ClassVar[str] = "elu"

    alpha: float = Field(1.0, gt=0, description="minus the limit on the left")

    @property
    def kinks(self) -> Mapping[float, float]:
        return {} if self.alpha == 1 else {0.0: self.alpha}

    @property
    def steepest(self) -> float:
        return max(1.0, self.alpha)

    @property
    def bounds(self) -> tuple[float, float]:
        return (-self.alpha, inf)

    def value_into(self, x: Array, out: Array) -> None:
        np.expm1(np.clip(x, -inf, 0, out=out), out=out)
        np.multiply(out, self.alpha, out=out)
        np.add(out, np.clip(x, 0, inf), out=out)

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        # alpha exp(x), not f + alpha, which cancels on the far left
        np.exp(np.clip(x, -inf, 0, out=out), out=out)
        if self.alpha != 1:
            right = np.greater(x, 0).astype(x.dtype)
            np.multiply(out, self.alpha, out=out)
            np.add(out, np.multiply(right, 1 - self.alpha, out=right), out=out)
