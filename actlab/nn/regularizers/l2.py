"""Weight decay by a quadratic penalty."""

from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.blas import axpy
from actlab.nn.regularizers.base import Penalty


class L2(Penalty):
    """Adds strength / 2 sum W^2 to the loss, so strength W to its gradient.

    It is part of the loss under every optimizer, Adam too; `adamw` has decay apart from the loss.

    Source: Krogh and Hertz (1992), "A simple weight decay can improve generalization".
    """

    name: ClassVar[str] = "l2"
    aliases: ClassVar[tuple[str, ...]] = ("weight_decay",)

    strength: float = Field(1e-4, ge=0, description="c of c/2 sum W^2")

    def penalty(self, weights: Array) -> float:
        return self.strength / 2 * float(np.dot(weights, weights))

    def add_gradient(self, weights: Array, grad: Array) -> None:
        axpy(self.strength, weights, grad)
