"""Mish."""

from math import inf
from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations.base import Fused

EDGE = 800.0
FLAT = 40.0
"""Where tanh(softplus(x)) is 1 in every precision, and exp(x)^2 does not overflow in any."""


class Mish(Fused):
    """f(x) = x tanh(softplus(x)) = x n / (n + 2) with n = e (e + 2), e = exp(x).

    Source: Misra (2019), "Mish: a self regularized non-monotonic activation function",
    arXiv 1908.08681.
    """

    name: ClassVar[str] = "mish"

    @property
    def steepest(self) -> float:
        return 1.0884981612517279

    @property
    def bounds(self) -> tuple[float, float]:
        return (-0.30884341301725041, inf)

    def both_into(self, x: Array, out: Array, slope: Array) -> None:
        z = np.clip(x, -EDGE, FLAT)
        e = np.exp(z)
        n = np.add(e, 2, out=slope)
        np.multiply(n, e, out=n)
        d = n + 2
        gate = np.divide(n, d, out=slope)
        np.multiply(np.clip(x, -EDGE, inf, out=out), gate, out=out)
        # f' = gate + x gate', gate' = 4 e (1 + e) / d^2, divided twice lest d^2 overflow
        np.multiply(z, np.divide(e, d), out=z)
        np.divide(np.add(e, 1, out=e), d, out=e)
        np.multiply(np.multiply(z, e, out=z), 4, out=z)
        np.add(slope, z, out=slope)
