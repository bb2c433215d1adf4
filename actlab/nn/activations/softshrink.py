"""Soft shrinkage."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations.base import Gate


class SoftShrink(Gate):
    """f(x) = x - lambda where x > lambda, x + lambda where x < -lambda, 0 otherwise.

    The proximal step of lambda |x|: iterated, it solves sparse coding (ISTA).

    Source: Donoho (1995), "De-noising by soft-thresholding".
    """

    name: ClassVar[str] = "softshrink"

    lambda_: float = Field(0.5, ge=0, alias="lambda", description="half the width of the dead zone")

    @property
    def kinks(self) -> Mapping[float, float]:
        return {-self.lambda_: 0.0, self.lambda_: 0.0}

    def value_into(self, x: Array, out: Array) -> None:
        np.subtract(x, np.clip(x, -self.lambda_, self.lambda_, out=out), out=out)

    def passes(self, x: Array, y: Array) -> Array:
        return np.not_equal(y, 0)
