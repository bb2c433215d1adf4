"""Sudden drops."""

from itertools import pairwise
from typing import ClassVar, Self

from pydantic import Field, model_validator

from actlab.nn.schedules.base import Schedule


class StepRate(Schedule):
    """drop^k, with k the number of milestones passed: a tenth of the rate from each one on.

    Source: He, Zhang, Ren and Sun (2015), "Deep residual learning for image recognition",
    arXiv 1512.03385, who divide by 10 at 1/2 and 3/4 of the iterations on CIFAR-10.
    """

    name: ClassVar[str] = "step"

    milestones: tuple[float, ...] = Field((0.5, 0.75), description="shares of training, rising")
    drop: float = Field(0.1, gt=0, lt=1, description="factor from each milestone on")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        times = (self.warmup, *self.milestones, 1.0)
        if not self.milestones or any(later <= earlier for earlier, later in pairwise(times)):
            raise ValueError(
                f"milestones must rise between the end of warm-up ({self.warmup:g}) and 1, "
                "as in [0.5, 0.75]"
            )
        return self

    def after_warmup(self, progress: float) -> float:
        return self.drop ** sum(progress >= milestone for milestone in self.milestones)
