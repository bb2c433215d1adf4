"""Softmax."""

from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations.rows import Rows, softmax_into, softmax_pull


class Softmax(Rows):
    """f(x)_i = exp(x_i / T) / sum_j exp(x_j / T), with temperature T = 1 / beta, over a row.

    T to 0 gives the argmax, T to infinity the uniform distribution.

    Source: Bridle (1990), "Probabilistic interpretation of feedforward classification network
    outputs, with relationships to statistical pattern recognition".
    """

    name: ClassVar[str] = "softmax"
    aliases: ClassVar[tuple[str, ...]] = ("softargmax",)

    temperature: float = Field(1.0, gt=0, description="divides x: small is hard, large is uniform")

    @property
    def steepest(self) -> float:
        return 0.25 / self.temperature

    @property
    def bounds(self) -> tuple[float, float]:
        return (0.0, 1.0)

    def rows_into(self, x: Array, out: Array) -> None:
        softmax_into(x, out, self.temperature)

    def pull(self, y: Array, dy: Array) -> None:
        softmax_pull(y, dy)
        if self.temperature != 1:
            np.divide(dy, self.temperature, out=dy)

    def diagonal_into(self, y: Array, out: Array) -> None:
        np.multiply(y, np.subtract(1, y, out=out), out=out)
        np.divide(out, self.temperature, out=out)
