"""L1 and L2 at once."""

from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.regularizers.base import Penalty


class ElasticNet(Penalty):
    """Adds strength (l1_share sum |W| + (1 - l1_share) / 2 sum W^2) to the loss.

    With l1_share 1 it is `l1`, with 0 `l2`.

    Source: Zou and Hastie (2005), "Regularization and variable selection via the elastic net", in
    the parameters of Friedman, Hastie and Tibshirani (2010), glmnet.
    """

    name: ClassVar[str] = "elastic_net"

    strength: float = Field(1e-4, ge=0, description="c of both terms")
    l1_share: float = Field(0.5, ge=0, le=1, description="share of L1; the rest is L2's")

    def penalty(self, weights: Array) -> float:
        absolute = float(np.abs(weights).sum(dtype=np.float64))
        squares = float(np.dot(weights, weights))
        return self.strength * (self.l1_share * absolute + (1 - self.l1_share) / 2 * squares)

    def add_gradient(self, weights: Array, grad: Array) -> None:
        grad += self.strength * self.l1_share * np.sign(weights)
        grad += self.strength * (1 - self.l1_share) * weights
