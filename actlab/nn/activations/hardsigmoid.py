"""Hard sigmoid: a straight line, cut off at 0 and 1."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations.base import Gate
from actlab.nn.activations.hardtanh import inside


class HardSigmoid(Gate):
    """f(x) = min(max(0, slope x + offset), 1); f' = slope strictly between. ReLU6(x + 3) / 6.

    The defaults are those of MobileNetV3 and PyTorch; BinaryConnect has a slope of 1/2, Keras 2 and
    ONNX one of 0.2.

    Source: Courbariaux, Bengio and David (2015), "BinaryConnect", arXiv 1511.00363; in this form
    Howard et al. (2019), "Searching for MobileNetV3", arXiv 1905.02244.
    """

    name: ClassVar[str] = "hardsigmoid"

    slope: float = Field(1 / 6, gt=0, description="slope of the line")
    offset: float = Field(0.5, gt=0, lt=1, description="value at zero")

    @property
    def kinks(self) -> Mapping[float, float]:
        return {-self.offset / self.slope: 0.0, (1 - self.offset) / self.slope: 0.0}

    @property
    def steepest(self) -> float:
        return self.slope

    @property
    def bounds(self) -> tuple[float, float]:
        return (0.0, 1.0)

    def value_into(self, x: Array, out: Array) -> None:
        np.add(np.multiply(x, self.slope, out=out), self.offset, out=out)
        np.clip(out, 0, 1, out=out)

    def passes(self, x: Array, y: Array) -> Array:
        return inside(y, 0, 1)

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        super().slope_into(x, y, out)
        np.multiply(out, self.slope, out=out)

    def pull(self, x: Array, y: Array, dy: Array, slope: Array) -> None:
        super().pull(x, y, np.multiply(dy, self.slope, out=dy), slope)
