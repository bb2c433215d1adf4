"""A metric of a run, at its end or after an epoch."""

from __future__ import annotations

from math import isfinite, nan
from typing import ClassVar, Literal, Self, get_args

import numpy as np
from pydantic import Field, model_validator

from actlab.claims.measures.base import OfRun, Series, Unmeasured
from actlab.costs import counted
from actlab.record import Record

ByEpoch = Literal[
    "train_loss",
    "train_accuracy",
    "val_loss",
    "val_accuracy",
    "penalty",
    "penalized_loss",
    "lr",
    "step",
]
Final = Literal["test_loss", "test_accuracy", "gap", "best_epoch"]


class Metric(OfRun):
    """A metric at the end of a run, after an epoch, or the best over all epochs.

    At the end, by the final weights: `train_`, `val_` and `test_` with `loss` or `accuracy`, `gap`
    (train less test accuracy), `best_epoch` (with early stopping). By epoch, and at the end what
    else there is: `train_` (the mean over the epoch's steps) and `val_`, `penalty`,
    `penalized_loss` (train loss and penalty), `lr`, `step`.

    Source: CS231n course notes (Karpathy, 2015), "babysitting the learning process".
    """

    name: ClassVar[str] = "metric"
    metric: Literal[ByEpoch, Final] = Field(
        "test_accuracy",
        description="train_, val_ or test_ with loss or accuracy; gap, penalty, lr, ...",
    )
    epoch: int | Literal["end", "best"] = Field("end", description="0 is before training")
    diverged: float | None = Field(
        None, description="the number that runs which diverged count with; empty: left out"
    )

    @model_validator(mode="after")
    def _at_that_time(self) -> Self:
        if self.epoch != "end" and self.metric in get_args(Final):
            raise ValueError(f"{self.metric} is known at the end only: leave epoch out")
        return self

    @property
    def label(self) -> str:
        when = {"end": "", "best": ", best epoch"}.get(str(self.epoch), f", epoch {self.epoch}")
        if self.epoch == "end" and self.metric.startswith("train_"):
            when = ", final weights"
        return self.metric.replace("_", " ") + when

    def of_record(self, record: Record) -> float:
        if record.status == "diverged" and self.diverged is not None:
            return self.diverged
        if record.status != "finished":
            raise Unmeasured(f"the run {record.status}")
        value = self._final(record) if self.epoch == "end" else self._by_epoch(record)
        if not isfinite(value):
            raise Unmeasured(f"the run has no {self.metric}")
        return value

    def series(self, record: Record) -> Series | None:
        column = _column(record, self.metric)
        known = np.isfinite(column)
        if known.sum() < 2:
            return None
        epochs = record.column("epoch")[known]
        during = "mean of an epoch" if self.metric.startswith("train_") else "after an epoch"
        up = f"{self.metric.replace('_', ' ')}, {during}"
        return Series(epochs.tolist(), column[known].tolist(), "epoch", up=up)

    def _final(self, record: Record) -> float:
        if self.metric == "gap":
            return record.final.get("train_accuracy", nan) - record.final.get("test_accuracy", nan)
        if self.metric in record.final:
            return record.final[self.metric]
        column = _column(record, self.metric)
        return float(column[-1]) if column.size else nan

    def _by_epoch(self, record: Record) -> float:
        column = _column(record, self.metric)
        if not np.isfinite(column).any():
            return nan
        if self.epoch == "best":
            lower = self.metric.endswith(("loss", "penalty"))
            return float(np.nanmin(column) if lower else np.nanmax(column))
        return float(column[int(self.epoch)]) if int(self.epoch) < column.size else nan


class EpochsTo(OfRun):
    """Epochs until a metric first reaches a target, to parts of an epoch by linear interpolation.

    A run that never does has no such number, unless `never` says what it counts as: the epochs it
    had, and one, understate it, which is fair where that already decides.

    Source: Krizhevsky, Sutskever and Hinton (2012), figure 1.
    """

    name: ClassVar[str] = "epochs_to"
    metric: ByEpoch = Field(
        "train_accuracy", description="train_ or val_ with loss or accuracy; penalty, ..."
    )
    target: float = Field(0.5, description="the value to reach")
    never: float | None = Field(None, description="what runs count as that never do")

    @property
    def label(self) -> str:
        return f"epochs to {self.metric.replace('_', ' ')} {self.target:g}"

    def of_record(self, record: Record) -> float:
        column = _column(record, self.metric)
        if not np.isfinite(column).any():
            raise Unmeasured(f"the run has no {self.metric}")
        falling = self.metric.endswith(("loss", "penalty"))
        reached = column <= self.target if falling else column >= self.target
        if not reached.any() and self.never is not None:
            return self.never
        if not reached.any():
            epochs = counted(record.experiment.train.epochs, "epoch")
            raise Unmeasured(f"{self.metric} does not come to {self.target:g} in {epochs}")
        first = int(reached.argmax())
        if first == 0:
            return 0.0
        before, after = column[first - 1], column[first]
        return float(first - 1 + (self.target - before) / (after - before))

    def series(self, record: Record) -> Series | None:
        return Metric(metric=self.metric).series(record)


class Diverged(OfRun):
    """1 for a run whose loss became infinite or NaN, 0 for one that finished.

    Source: CS231n course notes (Karpathy, 2015), "babysitting the learning process".
    """

    name: ClassVar[str] = "diverged"

    def of_record(self, record: Record) -> float:
        if record.status not in ("finished", "diverged"):
            raise Unmeasured(f"the run {record.status}")
        return float(record.status == "diverged")

    def series(self, record: Record) -> Series | None:
        return Metric(metric="train_loss").series(record)


def _column(record: Record, metric: str) -> np.ndarray:
    if metric == "penalized_loss":
        return record.column("train_loss") + record.column("penalty")
    return record.column(metric)
