"""How activations spread through the layers, beside numbers that others printed."""

from __future__ import annotations

from math import log10
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from actlab.arrays import Array
from actlab.claims.measures.base import OfRun, Series, Unmeasured
from actlab.claims.measures.statistic import Statistic
from actlab.record import Record

MOST_DECADES = 45.0
"""Between the least and the largest number of float32."""


class ReferenceRow(OfRun):
    """The largest distance of a statistic from a printed row, layer by layer, in its seeds' stds.

    max_l |s_l - v_l| / (r_l |v_l| + rounding), r_l the std between seeds relative to the value.

    Source: the printout of CS231n (Karpathy, Johnson and Li, 2016), lecture 5, and reruns of it.
    """

    name: ClassVar[str] = "reference_row"
    statistic: str = Field("activation.std", description="an array of stats.npz")
    values: tuple[float, ...] = Field(min_length=1, description="the row, a number per layer")
    spread: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        min_length=1, description="std between seeds over the value, per layer or one for all"
    )
    rounding: float = Field(5e-7, ge=0, description="half a unit of the last digit printed")
    at: Literal["start", "end"] = Field("start", description="which snapshot")

    @model_validator(mode="after")
    def _of_one_length(self) -> ReferenceRow:
        if len(self.spread) not in (1, len(self.values)):
            raise ValueError("spread needs one number, or as many as values")
        return self

    @property
    def label(self) -> str:
        return self.statistic

    def of_record(self, record: Record) -> float:
        row = _row(record, self.statistic, self.at)
        if len(row) != len(self.values):
            raise Unmeasured(f"{len(row)} layers, but the row has {len(self.values)}")
        values = np.array(self.values)
        distances = np.abs(row - values) / (np.array(self.spread) * abs(values) + self.rounding)
        if not np.isfinite(distances).all():
            raise Unmeasured(f"{self.statistic} is not finite")
        return float(distances.max())

    def series(self, record: Record) -> Series | None:
        return Statistic(statistic=self.statistic, at=self.at).series(record)


class SpreadChange(OfRun):
    """|log10(s_last / s_first)| of the activations' std before training: decades lost or gained.

    At most 45, the range of float32; that also if the spread is 0 or not finite.

    Source: Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward
    neural networks", section 4.2.1: variances should stay the same from layer to layer.
    """

    name: ClassVar[str] = "spread_change"

    @property
    def label(self) -> str:
        return "decades of spread lost or gained before training"

    def of_record(self, record: Record) -> float:
        row = _row(record, "activation.std", "start")
        first, last = float(row[0]), float(row[-1])
        if not (0 < first < np.inf and 0 < last < np.inf):
            return MOST_DECADES
        return min(abs(log10(last) - log10(first)), MOST_DECADES)

    def series(self, record: Record) -> Series | None:
        return Statistic(statistic="activation.std", at="start").series(record)


def _row(record: Record, statistic: str, at: str) -> Array:
    """(layers,) at a snapshot."""
    found = np.asarray(record.statistics.get(statistic, ()), float)
    if found.ndim != 2 or not found.size:
        raise Unmeasured(f"the run recorded no {statistic} by layer")
    return found[0 if at == "start" else -1]
