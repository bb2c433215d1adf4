"""Initializers that keep the spread of the layers: variance gain^2 / fan."""

from math import sqrt
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.initializers.base import Fan, Scaled


class ScaledNormal(Scaled):
    """Base of the methods that draw W ~ N(0, gain^2 / fan)."""

    def sample(
        self, fan_in: int, fan_out: int, rng: np.random.Generator, *, gain: float | None = None
    ) -> Array:
        return rng.normal(0.0, self.std(fan_in, fan_out, gain), (fan_in, fan_out))


class ScaledUniform(Scaled):
    """Base of the methods that draw W ~ U(-b, b) with b = sqrt(3) gain / sqrt(fan)."""

    def sample(
        self, fan_in: int, fan_out: int, rng: np.random.Generator, *, gain: float | None = None
    ) -> Array:
        bound = sqrt(3) * self.std(fan_in, fan_out, gain)
        return rng.uniform(-bound, bound, (fan_in, fan_out))


class XavierNormal(ScaledNormal):
    """W ~ N(0, gain^2 / fan), gain 1, fan the mean of in and out: var = 2 / (n_in + n_out).

    Source: Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward
    neural networks", equation 12.
    """

    name: ClassVar[str] = "xavier_normal"
    aliases: ClassVar[tuple[str, ...]] = ("glorot_normal",)

    fan: Fan = Field("avg", description="in, out, or avg: their mean")


class XavierUniform(ScaledUniform):
    """W ~ U(-b, b), b = gain sqrt(3 / fan), gain 1, fan the mean: b = sqrt(6 / (n_in + n_out)).

    Source: Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward
    neural networks", equation 16.
    """

    name: ClassVar[str] = "xavier_uniform"
    aliases: ClassVar[tuple[str, ...]] = ("glorot_uniform",)

    fan: Fan = Field("avg", description="in, out, or avg: their mean")


class HeNormal(ScaledNormal):
    """W ~ N(0, gain^2 / fan), fan in, gain that of the activation that follows: sqrt(2) for ReLU.

    Leaky rectifiers of slope a take sqrt(2 / (1 + a^2)), the linear output layer 1, and functions
    for which the paper derives nothing sqrt(2).

    Source: He, Zhang, Ren and Sun (2015), "Delving deep into rectifiers", arXiv 1502.01852.
    """

    name: ClassVar[str] = "he_normal"
    aliases: ClassVar[tuple[str, ...]] = ("kaiming_normal",)

    fan: Fan = Field("in", description="in, out, or avg: their mean")

    def own_gain(self, gain: float | None) -> float:
        return sqrt(2) if gain is None else gain


class HeUniform(ScaledUniform):
    """W ~ U(-b, b), b = gain sqrt(3 / fan), fan in, gain as for he_normal: sqrt(6 / n_in) for ReLU.

    Source: He, Zhang, Ren and Sun (2015), "Delving deep into rectifiers", arXiv 1502.01852.
    """

    name: ClassVar[str] = "he_uniform"
    aliases: ClassVar[tuple[str, ...]] = ("kaiming_uniform",)

    fan: Fan = Field("in", description="in, out, or avg: their mean")

    def own_gain(self, gain: float | None) -> float:
        return sqrt(2) if gain is None else gain
