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
        return "distance to the mean over masks, of a single one 1"

    def of_record(self, record: Record) -> float:
        numbers, distances = _relative(record)
        return distances[_index(self.masks, numbers)]

    def series(self, record: Record) -> Series | None:
        numbers, distances = _relative(record)
        return Series(numbers, distances, "masks averaged over", logarithmic_x=True)


def _relative(record: Record) -> tuple[Sequence[int], list[float]]:
    """Numbers of masks, and at the last snapshot the distances in units of a single mask's."""
    probes = [probe for probe in record.experiment.record.probes if isinstance(probe, Masks)]
    found = record.statistics.get("masks.distance")
    if not probes or found is None or not len(found):
        raise Unmeasured("the run recorded no masks")
    numbers = probes[0].numbers
    single = found[-1][_index(1, numbers)]
    if single == 0:
        raise Unmeasured("nothing is drawn in this network")
    return numbers, (found[-1] / single).tolist()


def _index(n: int, numbers: Sequence[int]) -> int:
    if n not in numbers:
        raise Unmeasured(f"the probe masks averaged over {numbers}, not over {n}")
    return numbers.index(n)
