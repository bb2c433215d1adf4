"""Residual blocks that are left out at random."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.layer import Layer, Memory
from actlab.nn.regularizers.base import Regularizer


class StochasticDepth(Regularizer):
    """y = x + b f(x) for residual block l of L in training, b 1 with probability p_l, else 0.

    p_l = 1 - l / L (1 - last): the higher, the less likely. b is drawn once for a batch. At test
    y = x + p_l f(x), the expectation. Blocks that are left out are computed all the same.

    Source: Huang, Sun, Liu, Sedra and Weinberger (2016), "Deep networks with stochastic depth",
    arXiv 1603.09382, equations 2, 4 and 5.
    """

    name: ClassVar[str] = "stochastic_depth"
    main: ClassVar[str] = "last"
    needs_residual: ClassVar[bool] = True

    last: float = Field(0.5, gt=0, le=1, description="probability that the last block survives")

    def block_layer(self, block: int, blocks: int) -> Layer | None:
        return Survival(1 - block / blocks * (1 - self.last))


@dataclass(frozen=True)
class Survival(Layer):
    """y = b x in training, for a whole batch b = 1 with probability p, else 0; y = p x at test."""

    noise: ClassVar[bool] = True
    sampled: ClassVar[bool] = True
    splits: ClassVar[bool] = False

    probability: float

    def claim(self, n_in: int, m: Memory) -> int:
        m.rows("y", n_in)
        return n_in

    def forward(self, x: Array, m: Memory) -> Array:
        m.factor = float(m.rng.random() < self.probability) if m.draws else self.probability
        return np.multiply(x, m.factor, out=m.y)

    def backward(self, dy: Array, m: Memory) -> Array:
        return np.multiply(dy, m.factor, out=dy)
