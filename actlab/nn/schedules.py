"""How the learning rate changes over training."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from actlab.config import Part


class Schedule(Part):
    """A factor on the learning rate."""

    family: ClassVar[str] = "schedule"

    @abstractmethod
    def factor(self, progress: float) -> float:
        """The factor at `progress`, from 0 before the first step towards 1 after the last."""


class ConstantRate(Schedule):
    """The same learning rate throughout.

    Source: Robbins and Monro (1951) let it fall; the lecture starts from keeping it.
    """

    name: ClassVar[str] = "constant"

    def factor(self, progress: float) -> float:
        return 1.0
