"""Orthonormal initializers: alone, and rescaled to the data."""

from collections.abc import Callable
from math import sqrt
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations import Activation
from actlab.nn.initializers.base import Gained, Initializer


def orthonormal(fan_in: int, fan_out: int, rng: np.random.Generator) -> Array:
    """A matrix (fan_in, fan_out) of uniform (Haar) law, orthonormal along its shorter side.

    The signs of R's diagonal go to Q: without them Q is not uniform (Mezzadri 2007, arXiv
    math-ph/0609050).
    """
    Q, R = np.linalg.qr(rng.standard_normal((max(fan_in, fan_out), min(fan_in, fan_out))))
    Q *= np.copysign(1.0, np.diag(R))
    return Q if fan_in >= fan_out else Q.T


class Orthogonal(Gained):
    """W = gain Q, with Q of orthonormal columns (rows if units outnumber inputs), uniformly drawn.

    The gain is 1 unless set: such a linear net keeps the length of every vector at any depth.

    Source: Saxe, McClelland and Ganguli (2013), "Exact solutions to the nonlinear dynamics of
    learning in deep linear neural networks", arXiv 1312.6120.
    """

    name: ClassVar[str] = "orthogonal"

    def sample(
        self,
        fan_in: int,
        fan_out: int,
        rng: np.random.Generator,
        *,
        activation: Activation | None = None,
    ) -> Array:
        return self.factor(activation) * orthonormal(fan_in, fan_out, rng)

    def weight_std(self, fan_in: int, fan_out: int, activation: Activation | None = None) -> float:
        return self.factor(activation) / sqrt(max(fan_in, fan_out))


class LSUV(Initializer):
    """W = Q orthonormal; then, layer by layer, W / std of the layer's outputs on training rows.

    The outputs are those before the activation, over all units and rows, the output layer's too. A
    layer is done when their variance is within `tolerance` of 1, or after `iterations`.

    Source: Mishkin and Matas (2015), "All you need is a good init", arXiv 1511.06422, algorithm 1.
    """

    name: ClassVar[str] = "lsuv"
    scaled: ClassVar[bool] = True
    unit_outputs: ClassVar[bool] = True

    tolerance: float = Field(0.01, gt=0, lt=1, description="of the variance, around 1")
    iterations: int = Field(10, ge=1, le=1000, description="at most, for each layer")

    def sample(
        self,
        fan_in: int,
        fan_out: int,
        rng: np.random.Generator,
        *,
        activation: Activation | None = None,
    ) -> Array:
        return orthonormal(fan_in, fan_out, rng)

    def adapt(self, W: Array, outputs: Callable[[], Array]) -> None:
        for _ in range(self.iterations):
            variance = float(outputs().var(dtype=np.float64))
            if abs(variance - 1) < self.tolerance or not 0 < variance < np.inf:
                break
            W /= sqrt(variance)

    def weight_std(self, fan_in: int, fan_out: int, activation: Activation | None = None) -> float:
        return 1 / sqrt(max(fan_in, fan_out))
