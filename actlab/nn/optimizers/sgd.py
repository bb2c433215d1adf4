"""Stochastic gradient descent."""

from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.blas import axpy
from actlab.nn.optimizers.base import Optimizer, Product


class SGD(Optimizer):
    """v = momentum v + g, theta = theta - lr v; with momentum 0 plain theta = theta - lr g.

    Source: Polyak (1964), "Some methods of speeding up the convergence of iteration methods".
    """

    name: ClassVar[str] = "sgd"
    aliases: ClassVar[tuple[str, ...]] = ("momentum",)
    slots: ClassVar[int] = 1

    momentum: float = Field(0.9, ge=0, lt=1, description="share of the last velocity kept")

    def update(
        self, theta: Array, grad: Array, slots: Sequence[Array], lr: float, step: int
    ) -> None:
        (velocity,) = slots
        velocity *= self.momentum
        velocity += grad
        theta -= np.multiply(velocity, lr, out=grad)

    def update_with_product(
        self,
        theta: Array,
        product: Product,
        slots: Sequence[Array],
        lr: float,
        step: int,
        add_penalties: Callable[[Array], None],
    ) -> None:
        (velocity,) = slots
        product(velocity, self.momentum)
        add_penalties(velocity)
        axpy(-lr, velocity, theta)
