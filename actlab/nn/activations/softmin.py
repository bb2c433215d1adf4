"""Softmin."""

from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations.rows import Rows, softmax_into, softmax_pull


class Softmin(Rows):
    """f(x)_i = exp(-x_i) / sum_j exp(-x_j) over a row: the least gets the most.

    Source: the softmax of Bridle (1990), "Probabilistic interpretation of feedforward
    classification network outputs", with its sign turned.
    """

    name: ClassVar[str] = "softmin"

    @property
    def steepest(self) -> float:
        return 0.25

    @property
    def bounds(self) -> tuple[float, float]:
        return (0.0, 1.0)

    def rows_into(self, x: Array, out: Array) -> None:
        softmax_into(np.negative(x), out)

    def pull(self, y: Array, dy: Array) -> None:
        softmax_pull(y, np.negative(dy, out=dy))

    def diagonal_into(self, y: Array, out: Array) -> None:
        np.multiply(y, np.subtract(y, 1, out=out), out=out)
