"""What every initializer does: draw a matrix for given fans."""

from __future__ import annotations

from abc import abstractmethod
from math import sqrt
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.config import Part

Fan = Literal["in", "out", "avg"]


class Initializer(Part):
    """A distribution of first weights."""

    family: ClassVar[str] = "initializer"
    short_for_number: ClassVar[tuple[str, str] | None] = ("constant", "value")
    scaled: ClassVar[bool] = False
    """Whether the spread follows from the fans, which a bias does not have."""

    @abstractmethod
    def sample(
        self, fan_in: int, fan_out: int, rng: np.random.Generator, *, gain: float | None = None
    ) -> Array:
        """A float64 matrix (fan_in, fan_out); `gain` is that of the activation that follows."""

    def last_in_block(self) -> Initializer:
        """What draws the last layer of a residual block."""
        return self


class Scaled(Initializer):
    """Base of the initializers whose variance is gain^2 / fan."""

    scaled: ClassVar[bool] = True

    gain: float | None = Field(None, gt=0, description="factor on the std; empty: the method's own")

    def std(self, fan_in: int, fan_out: int, gain: float | None = None) -> float:
        """gain / sqrt(fan), with the gain of the settings, else the method's own."""
        return (self.gain or self.own_gain(gain)) / sqrt(self.fan_size(fan_in, fan_out))

    def own_gain(self, gain: float | None) -> float:
        """The gain where the settings name none, given that of the activation that follows."""
        return 1.0

    def fan_size(self, fan_in: int, fan_out: int) -> float:
        """The fan that the settings choose; `avg` is the mean of both."""
        fan: Fan = getattr(self, "fan")  # noqa: B009 (declared, with its default, by each method)
        return {"in": fan_in, "out": fan_out, "avg": (fan_in + fan_out) / 2}[fan]


class Zeros(Initializer):
    """W = 0: all units of a layer stay identical, and in a deep net nothing learns.

    Source: Rumelhart, Hinton and Williams (1986), who break the symmetry with random weights.
    """

    name: ClassVar[str] = "zeros"

    def sample(
        self, fan_in: int, fan_out: int, rng: np.random.Generator, *, gain: float | None = None
    ) -> Array:
        return np.zeros((fan_in, fan_out))
