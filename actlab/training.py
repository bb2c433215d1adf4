"""Train the network of an experiment on its data, and measure it on the way."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from actlab.architecture import build
from actlab.arrays import Array
from actlab.data.dataset import Dataset, Split
from actlab.data.preprocessing import pipeline
from actlab.experiment import Experiment
from actlab.measuring import Statistics
from actlab.nn.blas import blas_threads
from actlab.nn.optimizers.driver import Driver
from actlab.nn.stepping import Stepper, number_of_parts, splits
from actlab.nn.team import Team
from actlab.randomness import generator
from actlab.record import Record, Status

log = logging.getLogger(__name__)

EVALUATION_BATCH = 500
ADAPTING_BATCH = 500
"""Training rows that data-dependent initializers see, whatever the batch size."""


class Watcher(Protocol):
    """Is told how training goes on."""

    def step(self, done: int, total: int, loss: float) -> None:
        """After every step."""
        ...


class Diverged(ArithmeticError):
    """The loss is no longer finite; the message names the step and the first layer that is not."""


def train(experiment: Experiment, data: Dataset, watcher: Watcher | None = None) -> Record:
    """Train and measure; what was recorded is kept also if the run diverges or is interrupted."""
    started = time.perf_counter()
    run = Run(experiment, data, watcher)
    status, fault = run.to_the_end()
    record = Record(experiment, status, run.metrics, run.statistics.arrays(), run.final, fault)
    return replace(record, seconds=time.perf_counter() - started)


class Run:
    """One training run in progress."""

    def __init__(self, experiment: Experiment, data: Dataset, watcher: Watcher | None) -> None:
        self.experiment, self.data, self.watcher = experiment, data, watcher
        steps = experiment.data.preprocess
        self.pipeline = pipeline.fit(
            steps, data.train, data.shape, seed=experiment.seed, dtype=experiment.model.dtype
        )
        self.network = build(experiment, self.pipeline.features)
        with np.errstate(all="ignore"):
            self.network.adapt(self.pipeline.apply(data.train.x[_adapting_rows(data, experiment)]))
        self.driver = Driver(experiment.train.optimizer, self.network)
        self.batch_size = min(experiment.train.batch_size, len(data.train))
        self._buffers = self._new_buffers(max(self.batch_size, EVALUATION_BATCH))
        self.steps_per_epoch = -(-len(data.train) // self.batch_size)
        self.total = experiment.train.epochs * self.steps_per_epoch
        self.metrics: list[dict[str, float]] = []
        self.final: dict[str, float] = {}
        self.statistics = Statistics(self.network, self.pipeline, data.train, experiment)

    def to_the_end(self) -> tuple[Status, str]:
        """All epochs and the final measurements; the status and what went wrong."""
        try:
            with self._at_work(), np.errstate(all="ignore"):
                self._first_row()
                for epoch in range(1, self.experiment.train.epochs + 1):
                    self._epoch(epoch)
                self._finish()
        except Diverged as error:
            log.info("%s", error)
            with np.errstate(all="ignore"):
                self.statistics.measure(len(self.metrics), self.driver.steps)
            return "diverged", str(error)
        except KeyboardInterrupt:
            return "interrupted", f"interrupted after step {self.driver.steps} of {self.total}"
        return "finished", ""

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """A team of threads for the parts of each batch, each with one BLAS thread of its own.

        A network whose layers need the whole batch is left to the threads of BLAS.
        """
        parts = number_of_parts(self.network, self.batch_size)
        alone = 1 if splits(self.network) else None
        with Team(min(parts, blas_threads())) as team, threadpool_limits(alone, user_api="blas"):
            capacity = max(self.batch_size, EVALUATION_BATCH)
            self.stepper = Stepper(self.network, self.driver, parts, capacity, team)
            yield

    def _first_row(self) -> None:
        loss, accuracy = self.statistics.measure(epoch=0, step=0)
        self._row(0, loss, accuracy)

    def _epoch(self, epoch: int) -> None:
        total_loss = right = 0.0
        for chosen in self._batches(epoch):
            last = (self.driver.steps + 1) % self.steps_per_epoch == 0
            measure = self._measures_after(self.driver.steps + 1, last)
            before = self.driver.weights() if measure else None
            loss, n_right = self._step(epoch, chosen)
            total_loss += loss * len(chosen)
            right += n_right
            if before is not None:
                self.statistics.measure(epoch, self.driver.steps, before)
        self._row(epoch, total_loss / len(self.data.train), right / len(self.data.train))

    def _step(self, epoch: int, chosen: Array) -> tuple[float, int]:
        """Train on these rows: their loss, without penalties, and how many of them were right."""
        train = self.data.train
        loss, n_right = self.stepper.step(
            partial(self._feed, train, chosen), train.labels[chosen], self._rate()
        )
        if not np.isfinite(loss):
            raise Diverged(self._what_diverged(epoch, loss))
        if self.watcher:
            self.watcher.step(self.driver.steps, self.total, loss)
        return loss, n_right

    def _rate(self) -> float:
        train = self.experiment.train
        return train.optimizer.lr * train.schedule.factor(self.driver.steps / max(self.total, 1))

    def _measures_after(self, step: int, last_of_epoch: bool) -> bool:
        every = self.experiment.record.every
        return last_of_epoch if every == "epoch" else step % every == 0 or step == self.total

    def _batches(self, epoch: int) -> Iterator[Array]:
        """Rows of the training split in a fresh order, the last batch short if it must be."""
        order = generator(self.experiment.seed, "shuffle", epoch).permutation(len(self.data.train))
        return (
            order[start : start + self.batch_size]
            for start in range(0, len(order), self.batch_size)
        )

    def _feed(self, split: Split, chosen: Array, part: slice) -> Array:
        """A part of these rows of a split, gathered and preprocessed."""
        rows, x = (buffer[part] for buffer in self._buffers)
        split.x.take(chosen[part], axis=0, out=rows, mode="clip")
        return self.pipeline.apply(rows, x)

    def _new_buffers(self, capacity: int) -> tuple[Array, Array]:
        """Room for a batch of rows as they are in the data, and as the network takes them."""
        raw = self.data.train.x
        return (
            np.empty((capacity, raw.shape[1]), raw.dtype),
            np.empty((capacity, self.pipeline.features), self.network.dtype),
        )

    def _row(self, epoch: int, loss: float, accuracy: float) -> None:
        row = {"epoch": epoch, "step": self.driver.steps, "lr": self._rate()}
        row |= {"train_loss": loss, "train_accuracy": accuracy, "penalty": self.network.penalty()}
        if len(self.data.validation):
            row["val_loss"], row["val_accuracy"] = self._evaluate(self.data.validation)
        self.metrics.append(row)
        log.info(
            "epoch %d: %s", epoch, ", ".join(f"{k} {v:.4g}" for k, v in row.items() if k != "epoch")
        )

    def _evaluate(self, split: Split) -> tuple[float, float]:
        """Mean loss and accuracy on a split, in evaluation mode."""
        loss = right = 0.0
        for start in range(0, len(split), EVALUATION_BATCH):
            chosen = np.arange(start, min(start + EVALUATION_BATCH, len(split)))
            feed = partial(self._feed, split, chosen)
            batch_loss, n_right = self.stepper.evaluate(feed, split.labels[chosen])
            loss, right = loss + batch_loss * len(chosen), right + n_right
        return loss / len(split), right / len(split)

    def _finish(self) -> None:
        """Final metrics on every split; dead units over the whole training set."""
        splits = {"train": self.data.train, "val": self.data.validation, "test": self.data.test}
        for name, split in splits.items():
            if len(split):
                loss, accuracy = self._evaluate(split)
                self.final |= {f"{name}_loss": loss, f"{name}_accuracy": float(accuracy)}
        x = self.data.train.x
        chunks = (x[at : at + EVALUATION_BATCH] for at in range(0, len(x), EVALUATION_BATCH))
        self.statistics.measure_dead_units(chunks)

    def _what_diverged(self, epoch: int, loss: float) -> str:
        layer = self.stepper.first_not_finite() or "the loss"
        step = self.driver.steps + 1
        return f"the loss is {loss} at step {step} (epoch {epoch}); first not finite: {layer}"


def _adapting_rows(data: Dataset, experiment: Experiment) -> Array:
    """The same rows for every initializer, from the order that an epoch 0 would have."""
    order = generator(experiment.seed, "shuffle", 0).permutation(len(data.train))
    return order[:ADAPTING_BATCH]
