"""Half a wave of cosine."""

from math import cos, pi
from typing import ClassVar

from pydantic import Field

from actlab.nn.schedules.base import Schedule


class CosineRate(Schedule):
    """final + (1 - final) (1 + cos(pi t)) / 2, t from 0 at the end of warm-up to 1.

    Source: Loshchilov and Hutter (2016), "SGDR: stochastic gradient descent with warm restarts",
    arXiv 1608.03983, equation 5, one period without restarts.
    """

    name: ClassVar[str] = "cosine"

    final: float = Field(0.0, ge=0, le=1, description="share of the rate left at the end")

    def after_warmup(self, progress: float) -> float:
        t = (progress - self.warmup) / (1 - self.warmup)
        return self.final + (1 - self.final) * (1 + cos(pi * t)) / 2
