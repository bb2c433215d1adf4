"""Nesterov's accelerated gradient."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.optimizers.base import Optimizer


class Nesterov(Optimizer):
    """v = momentum v + g, theta = theta - lr (g + momentum v): momentum seen one step ahead.

    theta is the point ahead at which g was taken, as in CS231n's and PyTorch's form of it.

    Source: Nesterov (1983), "A method for solving the convex programming problem with convergence
    rate O(1/k^2)"; in this form Bengio, Boulanger-Lewandowski and Pascanu (2012), "Advances in
    optimizing recurrent networks", arXiv 1212.0901.
    """

    name: ClassVar[str] = "nesterov"
    slots: ClassVar[int] = 1

    momentum: float = Field(0.9, ge=0, lt=1, description="share of the last velocity kept")

    def update(
        self, theta: Array, grad: Array, slots: Sequence[Array], lr: float, step: int
    ) -> None:
        (velocity,) = slots
        velocity *= self.momentum
        velocity += grad
        theta -= np.multiply(grad, lr, out=grad)
        theta -= np.multiply(velocity, lr * self.momentum, out=grad)
