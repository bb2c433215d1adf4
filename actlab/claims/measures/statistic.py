"""A recorded statistic: which layer, when, and against which other layer."""

from __future__ import annotations

from math import isfinite, nan
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.claims.measures.base import OfRun, Series, Unmeasured
from actlab.record import Record

Layer = int | Literal["first", "last", "mean", "max", "min", "slope"]
When = int | Literal["start", "end", "max", "min", "change"]


class Statistic(OfRun):
    """A statistic of stats.npz, of a layer (from 1) or pooled over layers, at a snapshot.

    `layer`: a number, first, last; the mean, max or min over layers; or `slope`, the least-squares
    slope of log10 over the layers, in decades per layer. `relative_to` divides by another layer.
    `at`: start, end, a snapshot's number, max or min over all of them, or change from start to end.

    Source: Glorot and Bengio (2010), who follow layers over training.
    """

    name: ClassVar[str] = "statistic"
    statistic: str = Field("activation.std", description="an array of stats.npz")
    layer: Layer = Field("last", description="of the layers that the statistic has, from 1")
    relative_to: int | Literal["first", "last"] | None = Field(
        None, description="layer to divide by"
    )
    at: When = Field("end", description="which snapshot")
    column: int | None = Field(None, ge=0, description="of a statistic with a row per layer")

    @property
    def label(self) -> str:
        layer = f"layer {self.layer}" if isinstance(self.layer, int) else self.layer
        layer += " layer" if self.layer in ("first", "last") else ""
        relative = f" / {self.relative_to}" if self.relative_to is not None else ""
        return f"{self.statistic.replace('_', ' ')}, {layer}{relative}, {self.at}"

    def of_record(self, record: Record) -> float:
        table = self._table(record)
        values = np.array([self._of_layers(row) for row in table])
        value = _at(values, self.at)
        if not isfinite(value):
            raise Unmeasured(f"{self.statistic} is not finite")
        return value

    def series(self, record: Record) -> Series | None:
        table = self._table(record)
        shown = table[self._shown(len(table))]
        if self.relative_to is not None:
            with np.errstate(all="ignore"):
                shown = shown / shown[_index(self.relative_to, shown.size)]
        if shown.size > 1 and np.isfinite(shown).any():
            low = np.nanmin(np.where(shown > 0, shown, np.nan)) if (shown > 0).any() else 0.0
            wide = bool(low > 0 and np.nanmax(shown) / low > 30)
            along = "noise level" if self.statistic.startswith("input_noise.") else "hidden layer"
            return Series(list(range(1, shown.size + 1)), shown.tolist(), along, wide)
        column = table[:, 0]
        return (
            Series(list(range(column.size)), column.tolist(), "snapshot")
            if len(table) > 1
            else None
        )

    def _shown(self, snapshots: int) -> int:
        """The snapshot that a curve over the layers is of: the one asked for, or the last."""
        asked = {"start": 0}.get(str(self.at), self.at)
        return asked if isinstance(asked, int) and 0 <= asked < snapshots else snapshots - 1

    def _table(self, record: Record) -> Array:
        """(snapshots, layers)."""
        found = record.statistics.get(self.statistic)
        if found is None or not np.size(found):
            raise Unmeasured(f"the run recorded no {self.statistic}")
        table = np.asarray(found, float)
        if self.statistic == "dead_fraction_training_set":
            return table[None]
        if table.ndim == 3:
            table = table[:, :, self.column or 0]
        return table if table.ndim == 2 else table[:, None]

    def _of_layers(self, row: Array) -> float:
        if self.layer == "slope":
            return _slope(row)
        if self.layer in ("mean", "max", "min"):
            known = row[~np.isnan(row)]
            return float(getattr(np, str(self.layer))(known)) if known.size else nan
        value = row[_index(self.layer, row.size)]
        if self.relative_to is None:
            return float(value)
        with np.errstate(all="ignore"):
            return float(value / row[_index(self.relative_to, row.size)])


class ExactlyZero(OfRun):
    """1 if a statistic is exactly zero, 0 if not: over seeds, the share of runs where it is.

    Source: Lu, Shin, Su and Karniadakis (2019), "Dying ReLU and initialization".
    """

    name: ClassVar[str] = "exactly_zero"
    statistic: str = Field("weight_gradient.norm", description="an array of stats.npz")
    layer: int | Literal["first", "last"] = Field("first", description="which layer, from 1")
    at: int | Literal["start", "end"] = Field("start", description="which snapshot")

    @property
    def label(self) -> str:
        return f"share of runs with {self.statistic.replace('_', ' ')} exactly 0"

    def of_record(self, record: Record) -> float:
        inside = Statistic(statistic=self.statistic, layer=self.layer, at=self.at)
        return float(inside.of_record(record) == 0)


def _index(layer: object, n: int) -> int:
    index = {"first": 0, "last": n - 1}.get(
        str(layer), int(layer) - 1 if isinstance(layer, int) else 0
    )
    if not 0 <= index < n:
        raise Unmeasured(f"there is no layer {layer}, only 1 to {n}")
    return index


def _slope(row: Array) -> float:
    known = np.isfinite(row) & (row > 0)
    if known.sum() < 2:
        raise Unmeasured("fewer than two layers with a positive value")
    return float(np.polyfit(np.flatnonzero(known), np.log10(row[known]), 1)[0])


def _at(values: Array, at: When) -> float:
    if at == "change":
        return float(values[-1] - values[0])
    if at in ("max", "min"):
        return float(getattr(np, f"nan{at}")(values))
    index = {"start": 0, "end": len(values) - 1}.get(str(at), int(at) if isinstance(at, int) else 0)
    if not 0 <= index < len(values):
        raise Unmeasured(f"there is no snapshot {at}, only 0 to {len(values) - 1}")
    return float(values[index])
