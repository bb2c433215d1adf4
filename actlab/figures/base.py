"""What every figure is: a drawing of one record."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from actlab.config import Part
from actlab.record import Record

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


class Figure(Part):
    """A kind of figure, drawn from a record alone.

    matplotlib is imported inside `draw` only, so that listing the kinds stays quick.
    """

    family: ClassVar[str] = "figure"

    @abstractmethod
    def draw(self, record: Record) -> Drawing | None:
        """The drawing, or None where the record holds nothing to draw."""
