"""Hard shrinkage."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations.base import Gate


class HardShrink(Gate):
    """f(x) = x where |x| > lambda, 0 otherwise; f' = 1 or 0.

    Source: Donoho and Johnstone (1994), "Ideal spatial adaptation by wavelet shrinkage".
    """

    name: ClassVar[str] = "hardshrink"

    lambda_: float = Field(0.5, ge=0, alias="lambda", description="half the width of the dead zone")

    @property
    def kinks(self) -> Mapping[float, float]:
        return {-self.lambda_: 0.0, self.lambda_: 0.0}

    def value_into(self, x: Array, out: Array) -> None:
        np.multiply(x, np.greater(np.abs(x, out=out), self.lambda_), out=out)

    def passes(self, x: Array, y: Array) -> Array:
        return np.not_equal(y, 0)
