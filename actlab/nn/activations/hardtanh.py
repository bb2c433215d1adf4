"""Hard tanh: the identity, cut off at both ends."""

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from actlab.arrays import Array
from actlab.nn.activations.base import Gate


class HardTanh(Gate):
    """f(x) = x between min and max, otherwise the nearer of the two; f' = 1 strictly between.

    Source: Collobert (2004), "Large scale machine learning", thesis, Universite Paris VI.
    """

    name: ClassVar[str] = "hardtanh"

    min: float = Field(-1.0, description="value at the left end")
    max: float = Field(1.0, description="value at the right end, above min")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min >= self.max:
            raise ValueError(f"min ({self.min:g}) must be below max ({self.max:g})")
        return self

    @property
    def kinks(self) -> Mapping[float, float]:
        return {self.min: 0.0, self.max: 0.0}

    @property
    def bounds(self) -> tuple[float, float]:
        return (self.min, self.max)

    def value_into(self, x: Array, out: Array) -> None:
        np.clip(x, self.min, self.max, out=out)

    def passes(self, x: Array, y: Array) -> Array:
        return inside(y, self.min, self.max)


def inside(y: Array, low: float, high: float) -> Array:
    """Where low < y < high."""
    above = np.greater(y, low)
    return np.logical_and(above, np.less(y, high), out=above)
