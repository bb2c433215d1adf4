"""What recording the statistics costs, as a share of an epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from statistics import median

import numpy as np
from threadpoolctl import threadpool_limits

from actlab.arrays import Array
from actlab.benchmarking.report import Report
from actlab.benchmarking.timing import interleaved, quartiles
from actlab.benchmarking.workloads import WORKLOADS, Workload
from actlab.feeding import ahead
from actlab.nn.blas import blas_threads
from actlab.training import Run

PROMISE = 0.01
EPOCH = 50_000
"""Examples of an epoch."""
STEPS = 10
"""Training steps timed between two measurements."""


def report(rounds: int, workload: Workload = WORKLOADS["lecture"]) -> Report:
    """Measuring once, as at the end of an epoch, against the steps of an epoch, in turn."""
    experiment = replace(
        workload, examples=max(workload.examples, STEPS * workload.batch)
    ).experiment
    data, threads = experiment.data.source.load(experiment.seed), blas_threads()
    with threadpool_limits(1, user_api="blas"), np.errstate(all="ignore"):
        run = Run(experiment, data, threads=threads)
        batches = _batches(run)
        with run.at_work():
            times = interleaved(
                {"steps": lambda: _steps(run, batches), "measuring": lambda: _measure(run)}, rounds
            )["measuring"]
    steps_per_epoch = -(-EPOCH // workload.batch)
    shares = [ratio * STEPS / steps_per_epoch for ratio in times.ratios]
    low, high = quartiles(shares)
    row = {
        "recorded": f"all statistics, {len(run.statistics.labels):,} examples",
        "share of an epoch": f"{median(shares):.2%} ({low:.2%}-{high:.2%})",
        "promised": f"{PROMISE:.0%}",
        "ms": f"{median(times.other):.3g}",
        "ms a step": f"{median(times.base) / STEPS:.3g}",
    }
    numbers = {"share": median(shares), "shares": shares, "promised": PROMISE, "epoch": EPOCH}
    numbers |= {"measuring_ms": times.other, "step_ms": [ms / STEPS for ms in times.base]}
    title = f"statistics, of {workload}, in an epoch of {EPOCH:,} examples"
    return Report(title, [row], numbers)


def _steps(run: Run, batches: Iterator[Array]) -> None:
    for index, rows in enumerate(ahead(islice(batches, STEPS))):
        run.step(1, index, *rows)


def _measure(run: Run) -> None:
    """As after a step of training, with the weights before it kept to tell the update."""
    run.statistics.measure(1, run.driver.steps, run.driver.weights(), run.stepper.team)
    run.statistics.snapshots.clear()


def _batches(run: Run) -> Iterator[Array]:
    return cycle(list(run.batches(1)))
