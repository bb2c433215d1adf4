"""What every schedule does: give the learning rate a factor, after a linear warm-up."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from pydantic import Field

from actlab.config import Part


class Schedule(Part):
    """A factor on the learning rate.

    Times are shares of training, so that a schedule keeps its shape over any number of epochs.
    Warm-up rises linearly from 0, the rate of the first step, to the full rate (Goyal et al. 2017,
    arXiv 1706.02677, section 2.2).
    """

    family: ClassVar[str] = "schedule"

    warmup: float = Field(0.0, ge=0, lt=1, description="share of training spent on rising from 0")

    def factor(self, progress: float) -> float:
        """The factor at `progress`, from 0 before the first step towards 1 after the last."""
        if progress < self.warmup:
            return progress / self.warmup
        return self.after_warmup(progress)

    @abstractmethod
    def after_warmup(self, progress: float) -> float:
        """The factor at a `progress` of all training, from `warmup` to 1."""
