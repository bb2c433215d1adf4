"""What an optimizer does: move a block of parameters against its gradient."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.config import Part

Product = Callable[[Array, float], None]


class Optimizer(Part):
    """An update rule for flat vectors of parameters."""

    family: ClassVar[str] = "optimizer"
    slots: ClassVar[int] = 0
    """How many vectors of the size of theta it remembers, zero at the start."""

    lr: float = Field(0.01, ge=0, description="learning rate before the schedule")

    @abstractmethod
    def update(
        self, theta: Array, grad: Array, slots: Sequence[Array], lr: float, step: int
    ) -> None:
        """Move theta in place; `grad` may be overwritten. `step` counts from 1.

        The vectors are blocks of the network's: nothing in an update depends on other elements.
        """

    def update_with_product(
        self,
        theta: Array,
        product: Product,
        slots: Sequence[Array],
        lr: float,
        step: int,
        add_penalties: Callable[[Array], None],
    ) -> None:
        """Update a block of weights whose gradient is a product not yet taken, while in the cache.

        `product(out, keep)` makes out = keep out + gradient; `add_penalties(out)` adds the
        penalties' gradients.
        """
        grad = np.empty_like(theta)
        product(grad, 0.0)
        add_penalties(grad)
        self.shrink(theta, lr)
        self.update(theta, grad, slots, lr, step)

    def shrink(self, weights: Array, lr: float) -> None:
        """Shrink parameters that decay, before each update: nothing, unless decay is decoupled."""
