"""What a small change of the weights does to the loss."""

from __future__ import annotations

from math import isfinite
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from actlab.claims.measures.base import OfRun, Series, Unmeasured
from actlab.probes.perturbation import Perturbation
from actlab.record import Record


class LossChange(OfRun):
    """Mean increase of the loss under noise of this scale in the weights, as `perturbation` has it.

    Source: CS231n (Johnson, Yeung, Li), "Training neural networks", data preprocessing: before
    normalization the loss is very sensitive to changes in the weight matrix, after it less so.
    """

    name: ClassVar[str] = "loss_change"
    scale: float = Field(0.03, gt=0, description="std of the noise, in units of rms(W)")
    at: Literal["start", "end"] = Field("end", description="before or after training")

    @property
    def label(self) -> str:
        return f"increase of the loss, noise {self.scale:g}, {self.at}"

    def of_record(self, record: Record) -> float:
        scales, changes = self._curve(record)
        if self.scale not in scales:
            known = ", ".join(f"{scale:g}" for scale in scales)
            raise Unmeasured(f"no noise of scale {self.scale:g} was tried, only {known}")
        value = float(changes[scales.index(self.scale)])
        if not isfinite(value):
            raise Unmeasured("the loss is not finite")
        return value

    def series(self, record: Record) -> Series | None:
        scales, changes = self._curve(record)
        return Series(scales, changes.tolist(), "noise, in units of rms(W)", True, True)

    def _curve(self, record: Record) -> tuple[list[float], np.ndarray]:
        """The scales tried, and the increase at each."""
        probes = [p for p in record.experiment.record.probes if isinstance(p, Perturbation)]
        found = record.statistics.get("perturbation.loss_change")
        if not probes or found is None or not len(found):
            raise Unmeasured("the run did not perturb its weights; record the probe perturbation")
        return list(probes[0].scales), np.asarray(found)[0 if self.at == "start" else -1]
