"""Initializers whose spread does not follow the fans."""

from math import erf, exp, pi, sqrt
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations import Activation
from actlab.nn.initializers.base import Initializer


class Constant(Initializer):
    """W = value everywhere.

    Source: Krizhevsky, Sutskever and Hinton (2012), for biases of 1 that keep ReLUs alive.
    """

    name: ClassVar[str] = "constant"

    value: float = Field(0.01, description="the constant")

    def sample(
        self,
        fan_in: int,
        fan_out: int,
        rng: np.random.Generator,
        *,
        activation: Activation | None = None,
    ) -> Array:
        return np.full((fan_in, fan_out), self.value)

    def weight_std(self, fan_in: int, fan_out: int, activation: Activation | None = None) -> float:
        return 0.0

    @property
    def weight_mean(self) -> float:
        return self.value


class Gaussian(Initializer):
    """W ~ N(0, std^2), whatever the fans.

    Source: Krizhevsky, Sutskever and Hinton (2012), "ImageNet classification with deep
    convolutional neural networks", with std 0.01.
    """

    name: ClassVar[str] = "gaussian"
    aliases: ClassVar[tuple[str, ...]] = ("normal",)

    std: float = Field(0.01, ge=0, description="standard deviation")

    def sample(
        self,
        fan_in: int,
        fan_out: int,
        rng: np.random.Generator,
        *,
        activation: Activation | None = None,
    ) -> Array:
        return rng.normal(0.0, self.std, (fan_in, fan_out))

    def weight_std(self, fan_in: int, fan_out: int, activation: Activation | None = None) -> float:
        return self.std


class Uniform(Initializer):
    """W ~ U(-bound, bound), whatever the fans; its std is bound / sqrt(3).

    Source: Glorot and Bengio (2010), who start from it as the common heuristic.
    """

    name: ClassVar[str] = "uniform"

    bound: float = Field(0.01, ge=0, description="largest absolute value")

    def sample(
        self,
        fan_in: int,
        fan_out: int,
        rng: np.random.Generator,
        *,
        activation: Activation | None = None,
    ) -> Array:
        return rng.uniform(-self.bound, self.bound, (fan_in, fan_out))

    def weight_std(self, fan_in: int, fan_out: int, activation: Activation | None = None) -> float:
        return self.bound / sqrt(3)


CUT = 2.0
"""Where truncated_normal cuts, in standard deviations of the whole normal law."""
STD_OF_CUT = sqrt(1 - 2 * CUT * exp(-CUT * CUT / 2) / sqrt(2 * pi) / erf(CUT / sqrt(2)))
"""0.8796256610342398: the std of N(0, 1) cut at +-2."""


class TruncatedNormal(Initializer):
    """W ~ N(0, s^2) with |W| < 2 s, s = std / 0.87962566: the weights drawn have this std.

    With `corrected: false`, s = std, which names the spread before the cut: the weights then have
    0.88 of it. That is what `stddev` means in the truncated_normal of TensorFlow, Keras and JAX;
    corrected is what the variance scaling of JAX and Keras does.

    Source: Abadi et al. (2015), "TensorFlow", whose truncated_normal redraws what lies beyond.
    """

    name: ClassVar[str] = "truncated_normal"

    std: float = Field(0.01, ge=0, description="standard deviation, after the cut if corrected")
    corrected: bool = Field(True, description="whether std is that of the weights after the cut")

    def sample(
        self,
        fan_in: int,
        fan_out: int,
        rng: np.random.Generator,
        *,
        activation: Activation | None = None,
    ) -> Array:
        drawn = rng.standard_normal((fan_in, fan_out))
        while (beyond := np.abs(drawn) >= CUT).any():
            drawn[beyond] = rng.standard_normal(np.count_nonzero(beyond))
        return drawn * (self.std / STD_OF_CUT if self.corrected else self.std)

    def weight_std(self, fan_in: int, fan_out: int, activation: Activation | None = None) -> float:
        return self.std if self.corrected else self.std * STD_OF_CUT


class Sparse(Initializer):
    """Each unit has a fixed number of nonzero first weights, W ~ N(0, std^2), and zeros else.

    How far a unit saturates then does not depend on the width of the layer below, and units differ
    more. The zeros are trained like all other weights.

    Source: Martens (2010), "Deep learning via Hessian-free optimization", section 5, with 15.
    """

    name: ClassVar[str] = "sparse"

    inputs: int = Field(15, ge=1, description="nonzero weights per unit, or all if it has fewer")
    std: float = Field(1.0, ge=0, description="standard deviation of the nonzero ones")

    def sample(
        self,
        fan_in: int,
        fan_out: int,
        rng: np.random.Generator,
        *,
        activation: Activation | None = None,
    ) -> Array:
        n = min(self.inputs, fan_in)
        chosen = np.argpartition(rng.random((fan_in, fan_out)), n - 1, axis=0)[:n]
        W = np.zeros((fan_in, fan_out))
        np.put_along_axis(W, chosen, rng.normal(0.0, self.std, chosen.shape), axis=0)
        return W

    def weight_std(self, fan_in: int, fan_out: int, activation: Activation | None = None) -> float:
        return self.std * sqrt(min(self.inputs, fan_in) / fan_in)
