"""What a preprocessing step is: fitted on training rows, then a fixed map of rows."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from pydantic import Field

from actlab.config import Part
from actlab.data.preprocessing.rows import Rows
from actlab.data.preprocessing.transforms import Transform


class Preprocessing(Part):
    """A step of `data.preprocess`; its statistics come from the training split alone."""

    family: ClassVar[str] = "preprocessing"
    needs_images: ClassVar[bool] = False
    keeps_images: ClassVar[bool] = True
    """Whether features are still pixels, channel by channel, after the step."""

    sample: int | None = Field(None, gt=0, description="training rows to estimate from; empty: all")

    @abstractmethod
    def fit(self, rows: Rows, shape: tuple[int, ...]) -> Transform:
        """The step fitted to rows in float64; `shape` is one row's, as its source has it."""

    def features_out(self, features: int) -> int:
        """How many features the step leaves of so many; DataError if it needs more."""
        return features
