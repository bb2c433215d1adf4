"""What augmenting costs a training step."""

from __future__ import annotations

from actlab.benchmarking.report import Report, ratio_shown
from actlab.benchmarking.timing import Timing, milliseconds
from actlab.experiment import Experiment, load
from actlab.training import Run

STEPS = 10
"""Training steps between two looks at the clock."""
PROMISE = 1.25


def augmentation(rounds: int) -> Timing:
    """Training steps of a 2 x 512 net at batch 128, without and with flip, crop and cutout."""
    return timed(_two_layers([]), _two_layers(["flip", "crop", "cutout"]), rounds)


def report(rounds: int) -> Report:
    """How many plain steps one with flip, crop and cutout takes."""
    timing = augmentation(rounds)
    row = {"a step with": "flip, crop, cutout", "plain steps": ratio_shown(timing)}
    return Report(
        "augmentation, on one thread",
        [row | {"promised": f"{PROMISE:g}"}],
        {"ratio": timing.ratio, "ratios": timing.ratios, "base_ms": timing.base},
    )


def timed(base: Experiment, other: Experiment, rounds: int) -> Timing:
    """So many pairs of timings after one to warm up, the two experiments in turn."""
    runs = [Run(e, e.data.source.load(e.seed), threads=1) for e in (base, other)]
    pairs = [[_milliseconds(run) for run in runs] for _ in range(rounds + 1)][1:]
    first, second = zip(*pairs, strict=True)
    return Timing(first, second)


def _milliseconds(run: Run) -> float:
    """Of one step, its batch gathered, augmented and preprocessed."""

    def steps() -> None:
        for index, chosen in zip(range(STEPS), run.batches(1), strict=False):
            run.step(1, index, chosen)

    with run.at_work():
        return milliseconds(steps) / STEPS


def _two_layers(augment: list[str]) -> Experiment:
    size = {"name": "synthetic", "train": STEPS * 128, "validation": 0, "test": 0}
    return load(
        {
            "data": {"source": size, "augment": augment},
            "model": {"depth": 2, "width": 512},
            "train": {"batch_size": 128, "epochs": 1, "lr": 0.001},
        }
    )
