"""Scaled exponential linear unit."""

from collections.abc import Mapping
from math import inf
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations.base import Elementwise


class SELU(Elementwise):
    """f(x) = scale x where x > 0, otherwise scale alpha (exp(x) - 1).

    The two constants make N(0, 1) a fixed point: with weights of variance 1 / fan-in, hence the
    gain of 1, means stay 0 and variances 1 through any number of layers.

    Source: Klambauer, Unterthiner, Mayr and Hochreiter (2017), "Self-normalizing neural networks",
    arXiv 1706.02515.
    """

    name: ClassVar[str] = "selu"

    alpha: float = Field(1.6732632423543772, gt=0, description="minus the limit, before scale")
    scale: float = Field(1.0507009873554805, gt=0, description="slope on the right")

    @property
    def kinks(self) -> Mapping[float, float]:
        return {} if self.alpha == 1 else {0.0: self.scale * self.alpha}

    @property
    def steepest(self) -> float:
        return self.scale * max(1.0, self.alpha)

    @property
    def bounds(self) -> tuple[float, float]:
        return (-self.scale * self.alpha, inf)

    @property
    def gain(self) -> float:
        return 1.0

    def value_into(self, x: Array, out: Array) -> None:
        np.expm1(np.clip(x, -inf, 0, out=out), out=out)
        np.multiply(out, self.scale * self.alpha, out=out)
        right = np.clip(x, 0, inf)
        np.add(out, np.multiply(right, self.scale, out=right), out=out)

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        np.exp(np.clip(x, -inf, 0, out=out), out=out)
        np.multiply(out, self.scale * self.alpha, out=out)
        right = np.greater(x, 0).astype(x.dtype)
        np.add(out, np.multiply(right, self.scale * (1 - self.alpha), out=right), out=out)
