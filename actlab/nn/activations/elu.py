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
        np.expm1(np.minimum(x, 0, out=out), out=out)
        np.multiply(out, self.alpha, out=out)
        np.add(out, np.maximum(x, 0), out=out)

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        # alpha exp(x), not f + alpha, which cancels on the far left
        np.exp(np.minimum(x, 0, out=out), out=out)
        np.multiply(out, self.alpha, out=out)
        np.copyto(out, 1, where=np.greater(x, 0))
