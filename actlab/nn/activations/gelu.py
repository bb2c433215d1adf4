"""Gaussian error linear unit."""

from math import inf, pi, sqrt
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations.base import Fused, tamed, uncut
from actlab.nn.activations.logistic import logistic_into
from actlab.nn.activations.normal import normal_into

EDGE = 40.0
"""Where the gate is 0 or 1 in every precision."""


class GELU(Fused):
    """f(x) = x Phi(x), Phi the normal distribution function; f' = Phi(x) + x phi(x).

    The expectation of x times a gate that is open with probability Phi(x). With `approximate:
    tanh`, f(x) = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).

    Source: Hendrycks and Gimpel (2016), "Gaussian error linear units (GELUs)", arXiv 1606.08415.
    """

    name: ClassVar[str] = "gelu"
    block: ClassVar[int] = 1 << 20  # the calls are many

    approximate: Literal["none", "tanh"] = Field("none", description="none: exact; or by tanh")

    @property
    def steepest(self) -> float:
        return 1.1289041451851548 if self.approximate == "none" else 1.1289930686587718

    @property
    def bounds(self) -> tuple[float, float]:
        return (-0.16997120747990369 if self.approximate == "none" else -0.17004075057125406, inf)

    def both_into(self, x: Array, out: Array, slope: Array) -> None:
        z = tamed(x, EDGE)
        if self.approximate == "none":
            normal_into(z, out, slope)
        else:
            tanh_gate_into(z, out, slope)
        np.add(np.multiply(z, slope, out=slope), out, out=slope)
        np.multiply(z, out, out=out)
        uncut(x, z, out)


def tanh_gate_into(x: Array, gate: Array, slope: Array) -> None:
    """Write (1 + tanh(u/2)) / 2 = 1 / (1 + exp(-u)), which keeps its digits in the left tail."""
    outer, inner = sqrt(8 / pi), 0.044715
    square = x * x
    u = np.add(np.multiply(square, outer * inner), outer)
    logistic_into(np.multiply(u, x, out=u), gate)
    du = np.add(np.multiply(square, 3 * outer * inner, out=square), outer, out=square)
    np.multiply(gate, np.subtract(1, gate, out=slope), out=slope)
    np.multiply(slope, du, out=slope)
