"""What an optimizer does: move a block of parameters against its gradient."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from actlab.arrays import Array
from actlab.config import Part


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

    def shrink(self, weights: Array, lr: float) -> None:
        """Shrink parameters that decay, before each update: nothing, unless decay is decoupled."""
