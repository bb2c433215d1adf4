"""What every figure of a sweep is: a drawing of many records."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from actlab.config import Part
from actlab.figures.sweeps.records import SweptRecords

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


class SweepFigure(Part):
    """A kind of figure, drawn from the records of a sweep alone."""

    family: ClassVar[str] = "sweep_figure"

    metric: str = Field("val_accuracy", description="final metric, where one is shown")
    over: tuple[str, ...] = Field((), description="swept paths for the axes; chosen if empty")

    @abstractmethod
    def draw(self, sweep: SweptRecords) -> Drawing | None:
        """The drawing, or None where there is nothing to draw."""
