"""How far scaled weights are from the mean over sampled masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from actlab.claims.measures.base import OfRun, Series, Unmeasured
from actlab.probes.masks import Masks
from actlab.record import Record


class MaskDistance(OfRun):
    """d_n / d_1, d_n the distance of one pass with scaled weights from the mean over n masks.

    Distances are those of the probe `masks` at the end of training. A mean over n independent
    draws around the scaled weights would give 1 / sqrt(n).

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), "Dropout: a simple
    way to prevent neural networks from overfitting", section 7.5.
    """

    name: ClassVar[str] = "mask_distance"
    masks: int = Field(100, ge=1, description="n, one of the probe's numbers")

    @property
    def label(self) -> str:
        return f"distance to the mean of {self.masks} masks, of a single one 1"

    def of_record(self, record: Record) -> float:
        numbers, distances = _measured(record)
        for n in (1, self.masks):
            if n not in numbers:
                raise Unmeasured(f"the probe masks averaged over {numbers}, not over {n}")
        single = distances[numbers.index(1)]
        if single == 0:
            raise Unmeasured("nothing is drawn in this network")
        return distances[numbers.index(self.masks)] / single

    def series(self, record: Record) -> Series | None:
        numbers, distances = _measured(record)
        return Series(numbers, distances, "masks averaged over", True, logarithmic_x=True)


def _measured(record: Record) -> tuple[Sequence[int], list[float]]:
    """Numbers of masks and the distances at the last snapshot."""
    probes = [probe for probe in record.experiment.record.probes if isinstance(probe, Masks)]
    found = record.statistics.get("masks.distance")
    if not probes or found is None or not len(found):
        raise Unmeasured("the run recorded no masks")
    return probes[0].numbers, found[-1].tolist()
