"""Where an epoch goes: the pieces of a training step on one thread, in percent."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle, islice
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from actlab.arrays import Array
from actlab.benchmarking.report import Report
from actlab.benchmarking.timing import milliseconds
from actlab.benchmarking.workloads import Workload
from actlab.feeding import Feeder
from actlab.nn import dense, stepping
from actlab.nn.dense import Dense
from actlab.nn.optimizers.driver import Driver
from actlab.nn.regularizers.dropout import DropoutLayer
from actlab.nn.updating import Updates
from actlab.training import Run

SECONDS = 1.0
"""That each workload is to be watched for."""

FORWARD, BACKWARD, UPDATE = "products x W", "products dy W^T", "update: products x^T dy, SGD, L2"
BIASES, BIAS_GRADIENTS = "biases added", "bias gradients"
ACTIVATION, SLOPE, DROPOUT = "activation, forward", "activation, backward", "dropout"
BATCH, LOSS, REST = "batch gathered, scaled, centred", "loss and accuracy", "the rest"
PIECES = (
    *(FORWARD, BACKWARD, UPDATE, ACTIVATION, SLOPE, DROPOUT),
    *(BIASES, BIAS_GRADIENTS, BATCH, LOSS, REST),
)


class Stopwatch:
    """Seconds by piece; a piece inside another is taken off it, so that all add up to the whole."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._open, self._since = [REST], time.perf_counter()

    def around(self, piece: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its time counted as that of the piece."""

        def watched(*arguments: Any, **named: Any) -> Any:
            self.turn()
            self._open.append(piece)
            try:
                return function(*arguments, **named)
            finally:
                self.turn()
                self._open.pop()

        return watched

    def turn(self) -> None:
        """Count what has passed as the innermost piece's."""
        now = time.perf_counter()
        self.seconds[self._open[-1]] += now - self._since
        self._since = now


class Products:
    """NumPy as the dense layer sees it, its matrix products told apart by their operands."""

    def __init__(self, watch: Stopwatch) -> None:
        names = (FORWARD, BACKWARD, UPDATE, BIAS_GRADIENTS)
        self._watched = {name: watch.around(name, np.matmul) for name in names}

    def matmul(self, a: Array, b: Array, out: Array) -> Array:
        """A row of ones sums up dy, a transposed x gives dW, a transposed W gives dx."""
        piece = FORWARD if b.strides[-1] == b.itemsize else BACKWARD
        if a.ndim == 1:
            piece = BIAS_GRADIENTS
        elif a.strides[-1] != a.itemsize:
            piece = UPDATE
        product: Array = self._watched[piece](a, b, out=out)
        return product

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


def report(workloads: Sequence[Workload]) -> Report:
    """A row for each piece, a column for each workload."""
    found = {workload.name: profile(workload, SECONDS) for workload in workloads}
    rows = []
    for piece in PIECES:
        shares = {name: numbers["shares"].get(piece, 0.0) for name, numbers in found.items()}
        if any(shares.values()):
            cells = {name: f"{100 * share:.1f}" if share else "" for name, share in shares.items()}
            rows.append({"percent of a training step": piece, **cells})
    costs = ", ".join(f"{name} {numbers['watching']:+.0%}" for name, numbers in found.items())
    notes = [
        "one thread; pieces exclude those inside them, so they add up to 100; the rest is what is "
        "left: handing over, schedule, checks, clocks",
        f"being watched changed the time of a step by: {costs}",
    ]
    return Report("where an epoch goes", rows, found, notes)


def profile(workload: Workload, seconds: float) -> dict[str, Any]:
    """Shares of each piece in so many seconds of training, and what watching cost."""
    experiment = workload.experiment
    run = Run(experiment, experiment.data.source.load(experiment.seed), threads=1)
    batches = cycle(list(run.batches(1)))

    def steps(number: int) -> None:
        for chosen in islice(batches, number):
            run.step(1, 0, chosen)

    with threadpool_limits(1, user_api="blas"), np.errstate(all="ignore"), run.at_work():
        steps(2)
        number = max(2, round(seconds * 1e3 / milliseconds(lambda: steps(2)) * 2))
        plain = milliseconds(lambda: steps(number)) / number
        with watching(run) as watch:
            steps(number)
            watch.turn()
    total = sum(watch.seconds.values())
    shares = {piece: spent / total for piece, spent in watch.seconds.items()}
    watched = total / number * 1e3
    return {"shares": shares, "ms": plain, "watched_ms": watched, "watching": watched / plain - 1}


@contextmanager
def watching(run: Run) -> Iterator[Stopwatch]:
    """A stopwatch around every piece of the run's steps while the block lasts."""
    watch = Stopwatch()
    activations = {type(hidden.activation) for hidden in run.network.hidden}
    pieces: list[tuple[Any, str, str]] = [
        (Feeder, "_gathered", BATCH),
        (type(run.network.loss), "value_and_gradient", LOSS),
        (stepping, "n_right", LOSS),
        (Updates, "_update", UPDATE),
        (Driver, "update_undecayed", UPDATE),
        (Dense, "forward", BIASES),
        (DropoutLayer, "forward", DROPOUT),
        (DropoutLayer, "backward", DROPOUT),
        *((kind, "forward", ACTIVATION) for kind in activations),
        *((kind, "backward", SLOPE) for kind in activations),
    ]
    with ExitStack() as undone:
        for owner, name, piece in pieces:
            watched = watch.around(piece, getattr(owner, name))
            undone.enter_context(_in_place_of(owner, name, watched))
        undone.enter_context(_in_place_of(dense, "np", Products(watch)))
        watch.turn()
        watch.seconds.clear()
        yield watch


@contextmanager
def _in_place_of(owner: Any, name: str, new: Any) -> Iterator[None]:
    """Another attribute of a class or module while the block lasts; what is inherited stays."""
    own = vars(owner).get(name)
    setattr(owner, name, new)
    try:
        yield
    finally:
        if own is None:
            delattr(owner, name)
        else:
            setattr(owner, name, own)
