"""Sparse weights by their absolute values."""

from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.regularizers.base import Penalty


class L1(Penalty):
    """Adds strength sum |W| to the loss, so strength sign(W) to its gradient, 0 where W = 0.

    A weight that the loss does not hold swings around zero by a step: no proximal step is taken.

    Source: Tibshirani (1996), "Regression shrinkage and selection via the lasso".
    """

    name: ClassVar[str] = "l1"
    aliases: ClassVar[tuple[str, ...]] = ("lasso",)

    strength: float = Field(1e-5, ge=0, description="c of c sum |W|")

    def penalty(self, weights: Array) -> float:
        return self.strength * float(np.abs(weights).sum(dtype=np.float64))

    def add_gradient(self, weights: Array, grad: Array) -> None:
        grad += self.strength * np.sign(weights)
