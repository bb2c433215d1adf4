"""Logarithm of the softmax."""

from math import inf
from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations.rows import Rows, below_largest_into, row_sums


class LogSoftmax(Rows):
    """f(x)_i = x_i - ln sum_j exp(x_j) over a row: the log-probabilities of softmax.

    Source: Bridle (1990), "Training stochastic model recognition algorithms as networks can lead
    to maximum mutual information estimation of parameters".
    """

    name: ClassVar[str] = "log_softmax"

    @property
    def bounds(self) -> tuple[float, float]:
        return (-inf, 0.0)

    def rows_into(self, x: Array, out: Array) -> None:
        below_largest_into(x, out)
        total = row_sums(np.exp(out))
        with np.errstate(divide="ignore", invalid="ignore"):
            np.subtract(out, np.log(total, out=total), out=out)

    def pull(self, y: Array, dy: Array) -> None:
        share = np.exp(y)
        np.multiply(share, row_sums(dy), out=share)
        np.subtract(dy, share, out=dy)

    def diagonal_into(self, y: Array, out: Array) -> None:
        np.negative(np.expm1(y, out=out), out=out)
