"""No change."""

from typing import ClassVar

from actlab.nn.schedules.base import Schedule


class ConstantRate(Schedule):
    """The same learning rate throughout.

    Source: Robbins and Monro (1951) let it fall; the lecture starts from keeping it.
    """

    name: ClassVar[str] = "constant"

    def after_warmup(self, progress: float) -> float:
        return 1.0
