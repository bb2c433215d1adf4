"""Rectified linear unit."""

from collections.abc import Mapping
from math import inf, sqrt
from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations.base import Gate


class ReLU(Gate):
    """f(x) = max(0, x); f' = 1 where x > 0, otherwise 0.

    Source: Nair and Hinton (2010), "Rectified linear units improve restricted Boltzmann machines".
    """

    name: ClassVar[str] = "relu"
    homogeneous: ClassVar[bool] = True

    @property
    def kinks(self) -> Mapping[float, float]:
        return {0.0: 0.0}

    @property
    def bounds(self) -> tuple[float, float]:
        return (0.0, inf)

    @property
    def gain(self) -> float:
        return sqrt(2)

    def value_into(self, x: Array, out: Array) -> None:
        # half the time of maximum(x, 0), whose loop for scalars is not vectorised
        np.clip(x, 0, inf, out=out)

    def passes(self, x: Array, y: Array) -> Array:
        return np.greater(y, 0)
