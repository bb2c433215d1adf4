"""Logarithm of the softmax."""

from math import inf
from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations.base import blocks
from actlab.nn.activations.rows import BLOCK, Rows, below_largest_into, row_sums
from actlab.nn.layer import Memory


class LogSoftmax(Rows):
    """f(x)_i = x_i - ln sum_j exp(x_j) over a row: the log-probabilities of softmax.

    Source: Bridle (1990), "Training stochastic model recognition algorithms as networks can lead
    to maximum mutual information estimation of parameters".
    """

    name: ClassVar[str] = "log_softmax"

    @property
    def bounds(self) -> tuple[float, float]:
        return (-inf, 0.0)

    def claim(self, n_in: int, m: Memory) -> int:
        m.rows("share", n_in)
        return super().claim(n_in, m)

    def forward(self, x: Array, m: Memory) -> Array:
        # backward needs what exp gives here up to a factor per row, and exp is what takes time
        m.x = x
        for part in blocks(x, BLOCK):
            self._both_into(x[part], m.y[part], m.share[part])
        return m.y

    def backward(self, dy: Array, m: Memory) -> Array:
        for part in blocks(dy, BLOCK):
            given, share = dy[part], m.share[part]
            np.multiply(share, row_sums(given) / row_sums(share), out=share)
            np.subtract(given, share, out=given)
        return dy

    def rows_into(self, x: Array, out: Array) -> None:
        self._both_into(x, out, np.empty_like(x))

    def _both_into(self, x: Array, out: Array, share: Array) -> None:
        """Write f(x) to `out`, and exp(f(x)) times the sum of `share` over the row to `share`."""
        below_largest_into(x, out)
        total = row_sums(np.exp(out, out=share))
        with np.errstate(divide="ignore", invalid="ignore"):
            np.subtract(out, np.log(total, out=total), out=out)

    def pull(self, y: Array, dy: Array) -> None:
        share = np.exp(y)
        np.multiply(share, row_sums(dy), out=share)
        np.subtract(dy, share, out=dy)

    def diagonal_into(self, y: Array, out: Array) -> None:
        np.negative(np.expm1(y, out=out), out=out)
