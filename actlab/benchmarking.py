"""What a promise about speed rests on, measured here and now: ratios first, interleaved."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median

from actlab.experiment import Experiment, load
from actlab.training import Run

STEPS = 10
"""Training steps between two looks at the clock."""


@dataclass(frozen=True)
class Timing:
    """Milliseconds of a training step of two experiments, in turn, and the ratios pair by pair."""

    base: tuple[float, ...]
    other: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Median of the other's time over the base's."""
        return median(self.ratios)

    @property
    def ratios(self) -> list[float]:
        """The other's time over the base's, pair by pair."""
        return [other / base for base, other in zip(self.base, self.other, strict=True)]


def augmentation(rounds: int) -> Timing:
    """Training steps of a 2 x 512 net at batch 128, without and with flip, crop and cutout."""
    return timed(_two_layers([]), _two_layers(["flip", "crop", "cutout"]), rounds)


def timed(base: Experiment, other: Experiment, rounds: int) -> Timing:
    """So many pairs of timings after one to warm up, the two experiments in turn."""
    runs = [Run(e, e.data.source.load(e.seed), threads=1) for e in (base, other)]
    pairs = [[_milliseconds(run) for run in runs] for _ in range(rounds + 1)][1:]
    first, second = zip(*pairs, strict=True)
    return Timing(first, second)


def _milliseconds(run: Run) -> float:
    """Of one step, its batch gathered, augmented and preprocessed."""
    with run.at_work():
        start = time.perf_counter()
        for index, chosen in zip(range(STEPS), run.batches(1), strict=False):
            run.step(1, index, chosen)
        return (time.perf_counter() - start) / STEPS * 1e3


def _two_layers(augment: list[str]) -> Experiment:
    size = {"name": "synthetic", "train": STEPS * 128, "validation": 0, "test": 0}
    return load(
        {
            "data": {"source": size, "augment": augment},
            "model": {"depth": 2, "width": 512},
            "train": {"batch_size": 128, "epochs": 1, "lr": 0.001},
        }
    )
