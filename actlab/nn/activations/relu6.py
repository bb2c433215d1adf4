"""Rectified linear unit that is cut off at 6."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations.base import Gate
from actlab.nn.activations.hardtanh import inside


class ReLU6(Gate):
    """f(x) = min(max(0, x), 6); f' = 1 where 0 < x < 6, otherwise 0.

    Source: Krizhevsky (2010), "Convolutional deep belief networks on CIFAR-10".
    """

    name: ClassVar[str] = "relu6"

    @property
    def kinks(self) -> Mapping[float, float]:
        return {0.0: 0.0, 6.0: 0.0}

    @property
    def bounds(self) -> tuple[float, float]:
        return (0.0, 6.0)

    def value_into(self, x: Array, out: Array) -> None:
        np.clip(x, 0, 6, out=out)

    def passes(self, x: Array, y: Array) -> Array:
        return inside(y, 0, 6)
