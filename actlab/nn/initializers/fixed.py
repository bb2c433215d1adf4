"""Initializers whose spread does not follow the fans."""

from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.initializers.base import Initializer


class Constant(Initializer):
    """W = value everywhere.

    Source: Krizhevsky, Sutskever and Hinton (2012), for biases of 1 that keep ReLUs alive.
    """

    name: ClassVar[str] = "constant"

    value: float = Field(0.01, description="the constant")

    def sample(
        self, fan_in: int, fan_out: int, rng: np.random.Generator, *, gain: float | None = None
    ) -> Array:
        return np.full((fan_in, fan_out), self.value)


class Gaussian(Initializer):
    """W ~ N(0, std^2), whatever the fans.

    Source: Krizhevsky, Sutskever and Hinton (2012), "ImageNet classification with deep
    convolutional neural networks", with std 0.01.
    """

    name: ClassVar[str] = "gaussian"
    aliases: ClassVar[tuple[str, ...]] = ("normal",)

    std: float = Field(0.01, ge=0, description="standard deviation")

    def sample(
        self, fan_in: int, fan_out: int, rng: np.random.Generator, *, gain: float | None = None
    ) -> Array:
        return rng.normal(0.0, self.std, (fan_in, fan_out))


class Uniform(Initializer):
    """W ~ U(-bound, bound), whatever the fans; its std is bound / sqrt(3).

    Source: Glorot and Bengio (2010), who start from it as the common heuristic.
    """

    name: ClassVar[str] = "uniform"

    bound: float = Field(0.01, ge=0, description="largest absolute value")

    def sample(
        self, fan_in: int, fan_out: int, rng: np.random.Generator, *, gain: float | None = None
    ) -> Array:
        return rng.uniform(-self.bound, self.bound, (fan_in, fan_out))
