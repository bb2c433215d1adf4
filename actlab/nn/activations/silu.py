"""Sigmoid linear unit, also known as swish."""

from math import inf
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations.base import Fused
from actlab.nn.activations.logistic import logistic_into


class SiLU(Fused):
    """f(x) = x g with g = sigmoid(beta x); f' = g (1 + beta x (1 - g)). With beta = 1 SiLU.

    Source: Elfwing, Uchibe and Doya (2017), "Sigmoid-weighted linear units for neural network
    function approximation in reinforcement learning", arXiv 1702.03118; with beta, as swish,
    Ramachandran, Zoph and Le (2017), "Searching for activation functions", arXiv 1710.05941.
    """

    name: ClassVar[str] = "silu"
    aliases: ClassVar[tuple[str, ...]] = ("swish",)

    beta: float = Field(1.0, gt=0, description="sharpness: large is ReLU, small is x / 2")

    @property
    def steepest(self) -> float:
        return 1.0998393201288669

    @property
    def bounds(self) -> tuple[float, float]:
        return (-0.2784645427610738 / self.beta, inf)

    def both_into(self, x: Array, out: Array, slope: Array) -> None:
        # beyond +-edge the gate is 0 or 1, and an infinite x would make 0 * inf of it
        edge = 800 / self.beta
        z = np.clip(x, -edge, edge)
        np.maximum(x, z, out=out)
        if self.beta != 1:
            np.multiply(z, self.beta, out=z)
        logistic_into(z, slope)
        np.multiply(out, slope, out=out)
        np.multiply(z, np.subtract(1, slope), out=z)
        np.multiply(slope, np.add(z, 1, out=z), out=slope)
