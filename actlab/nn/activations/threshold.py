"""Threshold: the identity above a threshold, a constant below it."""

from collections.abc import Mapping
from math import inf
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations.base import Gate


class Threshold(Gate):
    """f(x) = x where x > threshold, otherwise value; f' = 1 or 0: nothing passes at the constant.

    Source: Konda, Memisevic and Krueger (2014), "Zero-bias autoencoders and the benefits of
    co-adapting features", arXiv 1402.3337, for a value of 0.
    """

    name: ClassVar[str] = "threshold"

    threshold: float = Field(1.0, description="x above it passes")
    value_below: float = Field(0.0, alias="value", description="f up to the threshold")

    @property
    def kinks(self) -> Mapping[float, float]:
        return {self.threshold: 0.0}

    @property
    def bounds(self) -> tuple[float, float]:
        return (min(self.threshold, self.value_below), inf)

    def value_into(self, x: Array, out: Array) -> None:
        # the maximum changes nothing that counts, but -inf times 0
        np.clip(x, self.threshold, inf, out=out)
        above = np.greater(x, self.threshold)
        np.multiply(out, above, out=out)
        if self.value_below != 0:
            np.add(out, np.less_equal(x, self.threshold) * x.dtype.type(self.value_below), out=out)

    def passes(self, x: Array, y: Array) -> Array:
        return np.greater(x, self.threshold)
