"""Leaky rectified linear unit."""

from collections.abc import Mapping
from math import inf, sqrt
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations.base import Elementwise


class LeakyReLU(Elementwise):
    """f(x) = x where x > 0, otherwise slope * x; a slope of 0 is ReLU.

    Source: Maas, Hannun and Ng (2013), "Rectifier nonlinearities improve neural network acoustic
    models".
    """

    name: ClassVar[str] = "leaky_relu"
    homogeneous: ClassVar[bool] = True

    slope: float = Field(0.01, ge=0, le=1, description="slope left of zero")

    @property
    def kinks(self) -> Mapping[float, float]:
        return {0.0: self.slope}

    @property
    def gain(self) -> float:
        return sqrt(2 / (1 + self.slope**2))

    def value_into(self, x: Array, out: Array) -> None:
        if self.slope == 0:  # 0 * -inf is no number
            np.clip(x, 0, inf, out=out)
            return
        np.maximum(x, np.multiply(x, self.slope, out=out), out=out)

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        np.copyto(out, np.greater(x, 0))
        np.clip(out, self.slope, 1, out=out)
