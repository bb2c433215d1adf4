"""Steps divided by a running root mean square of the gradient."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.optimizers.base import Optimizer


class RMSProp(Optimizer):
    """s = decay s + (1 - decay) g^2, theta = theta - lr g / (sqrt(s) + epsilon), s = 0 at first.

    The lecture has no epsilon; here, as in CS231n, it is added to the root.

    Source: Tieleman and Hinton (2012), "Lecture 6.5: rmsprop: divide the gradient by a running
    average of its recent magnitude", COURSERA.
    """

    name: ClassVar[str] = "rmsprop"
    slots: ClassVar[int] = 1

    lr: float = Field(0.001, ge=0, description="learning rate before the schedule")
    decay: float = Field(0.9, ge=0, lt=1, description="share of the last mean square kept")
    epsilon: float = Field(1e-8, gt=0, description="added to the root, against division by zero")

    def update(
        self, theta: Array, grad: Array, slots: Sequence[Array], lr: float, step: int
    ) -> None:
        (square,) = slots
        work = np.square(grad)
        work *= 1 - self.decay
        square *= self.decay
        square += work
        grad /= np.add(np.sqrt(square, out=work), self.epsilon, out=work)
        theta -= np.multiply(grad, lr, out=grad)
