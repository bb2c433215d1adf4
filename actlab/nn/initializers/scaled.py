"""Initializers that keep the spread of the layers: variance gain^2 / fan."""

from math import sqrt
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations import Activation
from actlab.nn.initializers.base import Fan, Initializer, Scaled, Zeros


class ScaledNormal(Scaled):
    """Base of the methods that draw W ~ N(0, gain^2 / fan)."""

    def sample(
        self,
        fan_in: int,
        fan_out: int,
        rng: np.random.Generator,
        *,
        activation: Activation | None = None,
    ) -> Array:
        return rng.normal(0.0, self.std(fan_in, fan_out, activation), (fan_in, fan_out))


class ScaledUniform(Scaled):
    """Base of the methods that draw W ~ U(-b, b) with b = sqrt(3) gain / sqrt(fan)."""

    def sample(
        self,
        fan_in: int,
        fan_out: int,
        rng: np.random.Generator,
        *,
        activation: Activation | None = None,
    ) -> Array:
        bound = sqrt(3) * self.std(fan_in, fan_out, activation)
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


class LeCunNormal(ScaledNormal):
    """W ~ N(0, gain^2 / fan), gain 1, fan in: var = 1 / n_in, as SELU's derivation assumes.

    Source: LeCun, Bottou, Orr and Mueller (1998), "Efficient BackProp", section 4.6.
    """

    name: ClassVar[str] = "lecun_normal"

    fan: Fan = Field("in", description="in, out, or avg: their mean")


class LeCunUniform(ScaledUniform):
    """W ~ U(-b, b), b = gain sqrt(3 / fan), gain 1, fan in: b = sqrt(3 / n_in).

    Source: LeCun, Bottou, Orr and Mueller (1998), "Efficient BackProp", section 4.6.
    """

    name: ClassVar[str] = "lecun_uniform"

    fan: Fan = Field("in", description="in, out, or avg: their mean")


class HeNormal(ScaledNormal):
    """W ~ N(0, gain^2 / fan), fan in, gain that of the activation that follows: sqrt(2) for ReLU.

    Leaky rectifiers of slope a take sqrt(2 / (1 + a^2)), the linear output layer 1, and functions
    for which the paper derives nothing sqrt(2).

    Source: He, Zhang, Ren and Sun (2015), "Delving deep into rectifiers", arXiv 1502.01852.
    """

    name: ClassVar[str] = "he_normal"
    aliases: ClassVar[tuple[str, ...]] = ("kaiming_normal",)

    fan: Fan = Field("in", description="in, out, or avg: their mean")

    def own_gain(self, activation: Activation | None) -> float:
        return activation.gain if activation else sqrt(2)


class HeUniform(ScaledUniform):
    """W ~ U(-b, b), b = gain sqrt(3 / fan), fan in, gain as for he_normal: sqrt(6 / n_in) for ReLU.

    Source: He, Zhang, Ren and Sun (2015), "Delving deep into rectifiers", arXiv 1502.01852.
    """

    name: ClassVar[str] = "he_uniform"
    aliases: ClassVar[tuple[str, ...]] = ("kaiming_uniform",)

    fan: Fan = Field("in", description="in, out, or avg: their mean")

    def own_gain(self, activation: Activation | None) -> float:
        return activation.gain if activation else sqrt(2)


class ResidualZero(HeNormal):
    """W ~ N(0, gain^2 / fan) as he_normal, but W = 0 in the last layer of each residual block.

    Every block starts as the identity, so the variance does not grow with the number of blocks.
    Where there are no blocks it is he_normal.

    Source: Zhang, Dauphin and Ma (2019), "Fixup initialization: residual learning without
    normalization", arXiv 1901.09321; Goyal et al. (2017), arXiv 1706.02677, section 5.1, zero the
    last scale of batch normalization to the same end.
    """

    name: ClassVar[str] = "residual_zero"
    aliases: ClassVar[tuple[str, ...]] = ()

    def last_in_block(self) -> Initializer:
        return Zeros()
