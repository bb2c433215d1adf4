"""What a run will cost: parameters, memory, time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from actlab.experiment import Experiment
from actlab.nn.regularizers.monte_carlo import MonteCarlo

LIBRARIES = 150e6
"""Bytes that the interpreter and the libraries take."""


@dataclass(frozen=True)
class Costs:
    """An estimate: number of parameters, bytes at the peak, seconds of training."""

    parameters: int
    bytes: float
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.parameters:,} parameters, about {self.bytes / 1e6:,.0f} MB of memory "
            f"and {duration(self.seconds)}"
        )


def costs(experiment: Experiment) -> Costs:
    """The estimate, from the sizes in the config and a matrix product timed here and now.

    A step costs 6 operations per weight and example (forward, and backward twice), of which the
    lowest layer needs 4; evaluation and measuring cost 2 and 6.
    """
    shapes = list(_shapes(experiment))
    weights = sum(n_in * n_out for n_in, n_out in shapes)
    parameters = weights + sum(n_out for _, n_out in shapes)
    sizes = experiment.data.source.sizes
    train, epochs = experiment.train, experiment.train.epochs
    per_epoch = (6 * sizes[0] + 2 * sizes[1]) * weights
    measured = 6 * min(experiment.record.probe_examples, sizes[0]) * weights
    final = 2 * sum(sizes) * weights * _final_passes(experiment)
    total = epochs * (per_epoch + measured) + measured + final
    rows = min(train.batch_size, sizes[0]) + experiment.record.probe_examples
    row_bytes = 4 * (3 * sum(n_out for _, n_out in shapes) + shapes[0][0])
    pixel = 1 if experiment.data.source.images else 4
    data_bytes = pixel * sum(sizes) * int(np.prod(experiment.data.source.shape))
    vectors = 3 + train.optimizer.slots
    memory = LIBRARIES + 2 * data_bytes + 4 * vectors * parameters + rows * row_bytes
    return Costs(parameters, memory, total / _operations_per_second())


def _final_passes(experiment: Experiment) -> int:
    """Views of each example, times draws of the noise."""
    draws = [r.samples for r in experiment.regularization if isinstance(r, MonteCarlo)]
    return experiment.data.test_time.count * max(draws, default=1)


def _shapes(experiment: Experiment) -> list[tuple[int, int]]:
    widening = experiment.model.activation.widening
    hidden = experiment.model.hidden_widths
    ends = pairwise((experiment.data.features, *hidden))
    last = hidden[-1] if hidden else experiment.data.features
    return [(n_in, n_out * widening) for n_in, n_out in ends] + [
        (last, experiment.data.source.n_classes)
    ]


@cache
def _operations_per_second() -> float:
    """Speed of a float32 product of the size of a layer, the best of a few."""
    a, b = np.ones((128, 512), np.float32), np.ones((512, 512), np.float32)
    times = []
    for _ in range(10):
        start = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - start)
    return 2 * a.size * b.shape[1] / min(times)


def duration(seconds: float) -> str:
    """Seconds in words."""
    if seconds < 1:
        return "under a second"
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"
