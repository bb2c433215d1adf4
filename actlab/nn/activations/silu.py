"""Sigmoid linear unit, also known as swish."""

from math import inf
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations.base import Fused, tamed, uncut
from actlab.nn.activations.logistic import logistic_into


class SiLU(Fused):
    """f(x) = x g with g = sigmoid(beta x); f' = g + beta f (1 - g). With beta = 1 SiLU.

    Source: Elfwing, Uchibe and Doya (2017), "Sigmoid-weighted linear units for neural network
    function approximation in reinforcement learning", arXiv 1702.03118; with beta, as swish,
    Ramachandran, Zoph and Le (2017), "Searching for activation functions", arXiv 1710.05941.
    """

    name: ClassVar[str] = "silu"
    aliases: ClassVar[tuple[str, ...]] = ("swish",)
    block: ClassVar[int] = 1 << 20  # with one temporary

    beta: float = Field(1.0, gt=0, description="sharpness: large is ReLU, small is x / 2")

    @property
    def steepest(self) -> float:
        return 1.0998393201288669

    @property
    def bounds(self) -> tuple[float, float]:
        return (-0.2784645427610738 / self.beta, inf)

    def both_into(self, x: Array, out: Array, slope: Array) -> None:
        z = tamed(x, 800 / self.beta)
        logistic_into(z if self.beta == 1 else z * self.beta, slope)
        np.multiply(z, slope, out=out)
        rest = np.subtract(1, slope)
        np.multiply(rest, out, out=rest)
        if self.beta != 1:
            np.multiply(rest, self.beta, out=rest)
        np.add(slope, rest, out=slope)
        uncut(x, z, out)
