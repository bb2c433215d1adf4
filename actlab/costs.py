"""What a run will cost: parameters, memory, time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from threadpoolctl import threadpool_limits

from actlab.execution import cores
from actlab.experiment import Experiment
from actlab.nn.regularizers.monte_carlo import MonteCarlo

LIBRARIES = 150e6
"""Bytes that the interpreter and the libraries take."""
ROUNDS, PRODUCTS, PAUSE = 5, 4, 0.01
"""How the machine's speed is timed: so many rounds of products, with seconds of rest between."""
SHARE = 0.6
"""What products at that speed take of the time of training; 0.49 to 0.67 in five configs timed."""


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
    return Costs(parameters, memory, total / (SHARE * _operations_per_second()))


def most(experiments: Iterable[Experiment]) -> str:
    """In words, the parameters and the memory of the largest of several experiments."""
    found = [costs(one) for one in experiments]
    parameters, memory = max(one.parameters for one in found), max(one.bytes for one in found)
    return f"at most {parameters:,} parameters and {memory / 1e6:,.0f} MB a run"


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
    """Speed of a float32 product of the size of a layer, on all cores.

    The least time of several on one thread, times the cores: threads that share a product wait for
    each other, a hundred times too long where another program has a core. A product is shorter than
    the turns that a system gives its programs, and the rests let a busy neighbour pass.
    """
    a, b = np.ones((128, 512), np.float32), np.ones((512, 512), np.float32)
    times = []
    with threadpool_limits(1, user_api="blas"):
        for _ in range(ROUNDS):
            time.sleep(PAUSE)
            for _ in range(PRODUCTS):
                start = time.perf_counter()
                a @ b
                times.append(time.perf_counter() - start)
    return cores() * 2 * a.size * b.shape[1] / min(times)


def duration(seconds: float) -> str:
    """Seconds in words that go behind "about"."""
    if seconds < 0.95:
        return f"{max(seconds, 0.1):.1f} seconds"
    if seconds < 119.5:
        return counted(round(seconds), "second")
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"


def counted(number: int, word: str) -> str:
    """`1 run`, `1,000 runs`."""
    return f"{number:,} {word}" + "s" * (number != 1)
