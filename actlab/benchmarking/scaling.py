"""How the cost of training grows with examples, depth and parameters."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

import numpy as np
from threadpoolctl import threadpool_limits

from actlab.benchmarking.report import Report
from actlab.benchmarking.timing import interleaved
from actlab.experiment import Experiment, load
from actlab.training import Run

WIDTH, DEPTH, EXAMPLES, BATCH = 500, 4, 1280, 128


@dataclass(frozen=True)
class Series:
    """Experiments of growing size in one respect."""

    name: str
    sizes: Sequence[float]
    experiments: Sequence[Experiment]


def report(rounds: int, series: Sequence[Series] | None = None) -> Report:
    """Exponents of an epoch's time by least squares of its logarithm, on one thread.

    Inputs are as wide as the layers, so that depth and parameters are what grows. A product of
    small matrices is less efficient than one of large ones, so exponents in parameters lie a
    little below 1.
    """
    rows, numbers = [], {}
    for each in series or all_series():
        ms = epoch_milliseconds(each.experiments, max(rounds // 3, 3))
        found = exponent(each.sizes, ms)
        numbers[each.name] = {"exponent": found, "sizes": list(each.sizes), "ms": ms}
        sizes = ", ".join(f"{size:,.0f}" for size in each.sizes)
        row = {"cost in": each.name, "exponent": f"{found:.2f}", "expected": "1.0"}
        rows.append(row | {"sizes": sizes, "ms an epoch": ", ".join(f"{t:.3g}" for t in ms)})
    return Report("scaling of an epoch's time, on one thread", rows, numbers)


def all_series() -> list[Series]:
    """Four sizes in each respect."""
    counts, depths, widths = (1280, 2560, 5120, 10240), (4, 8, 16, 32), (250, 500, 1000, 2000)
    return [
        Series("examples", counts, [_experiment(examples=n) for n in counts]),
        Series("depth", depths, [_experiment(depth=n) for n in depths]),
        Series(
            "parameters",
            [_parameters(DEPTH, width) for width in widths],
            [_experiment(width=width, examples=4 * BATCH) for width in widths],
        ),
    ]


def epoch_milliseconds(experiments: Sequence[Experiment], rounds: int) -> list[float]:
    """Median time of an epoch of each, the experiments in turn."""
    runs = [Run(e, e.data.source.load(e.seed), threads=1) for e in experiments]
    with ExitStack() as opened, np.errstate(all="ignore"):
        opened.enter_context(threadpool_limits(1, user_api="blas"))
        for run in runs:
            opened.enter_context(run.at_work())
        deeds = {str(index): lambda run=run: _epoch(run) for index, run in enumerate(runs)}
        return [median(timing.other) for timing in interleaved(deeds, rounds).values()]


def exponent(sizes: Sequence[float], ms: Sequence[float]) -> float:
    """The slope of log time in log size."""
    return float(np.polyfit(np.log(sizes), np.log(ms), 1)[0])


def _epoch(run: Run) -> None:
    for index, chosen in enumerate(run.batches(1)):
        run.step(1, index, chosen)


def _experiment(depth: int = DEPTH, width: int = WIDTH, examples: int = EXAMPLES) -> Experiment:
    return load(
        {
            "data": {"source": {"name": "gaussian", "n": examples, "features": width}},
            "model": {
                "depth": depth,
                "width": width,
                "activation": "tanh",
                "init": "xavier_normal",
            },
            "train": {"batch_size": BATCH, "epochs": 1, "lr": 0.001},
        }
    )


def _parameters(depth: int, width: int) -> int:
    return depth * (width + 1) * width + 10 * (width + 1)
