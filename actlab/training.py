"""Train the network of an experiment on its data, and measure it on the way."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from actlab.architecture import build
from actlab.arrays import Array
from actlab.data.augmentation import chain
from actlab.data.dataset import Dataset, Split
from actlab.data.preprocessing import pipeline
from actlab.experiment import Experiment
from actlab.feeding import Feeder, ahead
from actlab.measuring import Statistics
from actlab.nn.blas import blas_threads
from actlab.nn.optimizers.driver import Driver
from actlab.nn.stepping import Stepper, number_of_columns, number_of_parts
from actlab.nn.team import Task, Team
from actlab.predicting import EVALUATION_BATCH, Predictor, in_order
from actlab.randomness import generator
from actlab.record import Record, Status
from actlab.stopping import Best

log = logging.getLogger(__name__)

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
    """Train and measure; what was recorded is kept also if the run diverges or is interrupted.

    BLAS computes on one thread, since the last bits of a product depend on how many there are; the
    threads it had share each batch, or each product, instead (`nn/stepping.py`), which changes no
    bit.
    """
    started, threads = time.perf_counter(), blas_threads()
    with threadpool_limits(1, user_api="blas"):
        run = Run(experiment, data, watcher, threads)
        status, fault = run.to_the_end()
    record = Record(experiment, status, run.metrics, run.statistics.arrays(), run.final, fault)
    return replace(record, seconds=time.perf_counter() - started)


class Run:
    """One training run in progress."""

    def __init__(
        self,
        experiment: Experiment,
        data: Dataset,
        watcher: Watcher | None = None,
        threads: int = 1,
    ) -> None:
        self.experiment, self.data, self.watcher = experiment, data, watcher
        self.threads = threads
        steps, seed = experiment.data.preprocess, experiment.seed
        self.chain = chain.fit(experiment.data.augment, data, seed)
        self.seen = seen = self.chain.calmed(data)
        self.pipeline = pipeline.fit(
            steps, seen.train, seen.shape, seed=seed, dtype=experiment.model.dtype
        )
        self.network = build(experiment, self.pipeline.features)
        if self.network.adapts:
            chosen = seen.train.x[_adapting_rows(data, experiment)]
            with np.errstate(all="ignore"):
                self.network.adapt(self.pipeline.apply(chosen))
        self.driver = Driver(experiment.train.optimizer, self.network)
        self.batch_size = min(experiment.train.batch_size, len(data.train))
        self.capacity = max(self.batch_size, EVALUATION_BATCH)
        self.feeder = Feeder(
            data.train,
            self.chain,
            self.pipeline,
            self.batch_size,
            self.capacity,
            self.network.dtype,
        )
        self.steps_per_epoch = -(-len(data.train) // self.batch_size)
        self.total = experiment.train.epochs * self.steps_per_epoch
        self.metrics: list[dict[str, float]] = []
        self.final: dict[str, float] = {}
        self.statistics = Statistics(self.network, self.pipeline, seen.train, experiment)
        self.predictor = Predictor(self.network, self.pipeline, self.chain, experiment)
        self.best = Best(experiment.regularization, self.network)

    def to_the_end(self) -> tuple[Status, str]:
        """All epochs and the final measurements; the status and what went wrong."""
        try:
            with self.at_work(), np.errstate(all="ignore"):
                self._first_row()
                for epoch in range(1, self.experiment.train.epochs + 1):
                    self._epoch(epoch)
                    if not self.best.followed(self.metrics):
                        break
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
    def at_work(self) -> Iterator[None]:
        """A team of threads for the parts of each batch, or of each product."""
        parts = number_of_parts(self.network, self.batch_size)
        columns = number_of_columns(self.network, self.batch_size)
        with Team(min(max(parts, columns), self.threads)) as team:
            self.stepper = Stepper(self.network, self.driver, parts, self.capacity, team, columns)
            yield

    def _first_row(self) -> None:
        loss, accuracy = self.statistics.measure(epoch=0, step=0, team=self.stepper.team)
        self._row(0, loss, accuracy)
        self.best.followed(self.metrics)

    def _epoch(self, epoch: int) -> None:
        total_loss = right = 0.0
        for index, (chosen, following) in enumerate(ahead(self.batches(epoch))):
            last = (self.driver.steps + 1) % self.steps_per_epoch == 0
            measure = self._measures_after(self.driver.steps + 1, last)
            before = self.driver.weights() if measure else None
            loss, n_right = self.step(epoch, index, chosen, following)
            total_loss += loss * len(chosen)
            right += n_right
            if before is not None:
                self.statistics.measure(epoch, self.driver.steps, before, self.stepper.team)
        self._row(epoch, total_loss / len(self.data.train), right / len(self.data.train))

    def step(
        self, epoch: int, index: int, chosen: Array, following: Array | None = None
    ) -> tuple[float, float]:
        """Train on these rows: their loss, without penalties, and how many of them were right.

        The rows of the step that follows, where they are known, are prepared meanwhile if there are
        threads to do it.
        """
        feed, labels = self.feeder.batch(epoch, index, chosen)
        meanwhile: list[Task] = []
        if following is not None and not self.stepper.team.alone:
            parts = self.stepper.rows_fed(len(following))
            meanwhile = self.feeder.prepare(epoch, index + 1, following, parts)
        loss, right = self.stepper.step(feed, labels, self._rate(), meanwhile)
        if not np.isfinite(loss):
            raise Diverged(self._what_diverged(epoch, loss))
        self.network.workspace.progress_to(self._progress)
        if self.watcher:
            self.watcher.step(self.driver.steps, self.total, loss)
        return loss, right

    def _rate(self) -> float:
        train = self.experiment.train
        return train.optimizer.lr * train.schedule.factor(self._progress)

    @property
    def _progress(self) -> float:
        """The share of training done."""
        return self.driver.steps / max(self.total, 1)

    def _measures_after(self, step: int, last_of_epoch: bool) -> bool:
        every = self.experiment.record.every
        return last_of_epoch if every == "epoch" else step % every == 0 or step == self.total

    def batches(self, epoch: int) -> Iterator[Array]:
        """Rows of the training split in a fresh order, the last batch short if it must be."""
        order = generator(self.experiment.seed, "shuffle", epoch).permutation(len(self.data.train))
        return (
            order[start : start + self.batch_size]
            for start in range(0, len(order), self.batch_size)
        )

    def _row(self, epoch: int, loss: float, accuracy: float) -> None:
        row = {"epoch": epoch, "step": self.driver.steps, "lr": self._rate()}
        row |= {"train_loss": loss, "train_accuracy": accuracy, "penalty": self.network.penalty()}
        if len(self.data.validation):
            loss, accuracy = self._evaluate(self.data.validation, averaged=False)
            row |= {"val_loss": loss, "val_accuracy": accuracy}
        self.metrics.append(row)
        log.info(
            "epoch %d: %s", epoch, ", ".join(f"{k} {v:.4g}" for k, v in row.items() if k != "epoch")
        )

    def _evaluate(self, split: Split, *, averaged: bool) -> tuple[float, float]:
        """Mean loss and accuracy on a split; `averaged` as the config has it, or in one pass."""
        if averaged and not self.predictor.plain:
            return self.predictor.evaluate(split)
        loss = right = 0.0
        for start in range(0, len(split), EVALUATION_BATCH):
            chosen = np.arange(start, min(start + EVALUATION_BATCH, len(split)))
            batch_loss, n_right = self.stepper.evaluate(
                self.feeder.of(split, chosen), split.labels[chosen]
            )
            loss, right = loss + batch_loss * len(chosen), right + n_right
        return loss / len(split), right / len(split)

    def _finish(self) -> None:
        """Final metrics on every split; dead units over the whole training set."""
        self.final |= self.best.restored()
        splits = {"train": self.data.train, "val": self.data.validation, "test": self.data.test}
        for name, split in splits.items():
            if len(split):
                loss, accuracy = self._evaluate(split, averaged=True)
                self.final |= {f"{name}_loss": loss, f"{name}_accuracy": float(accuracy)}
        self.statistics.measure_dead_units(x for x, _ in in_order(self.seen.train))

    def _what_diverged(self, epoch: int, loss: float) -> str:
        layer = self.stepper.first_not_finite() or "the loss"
        step = self.driver.steps + 1
        return f"the loss is {loss} at step {step} (epoch {epoch}); first not finite: {layer}"


def _adapting_rows(data: Dataset, experiment: Experiment) -> Array:
    """The same rows for every initializer, from the order that an epoch 0 would have."""
    order = generator(experiment.seed, "shuffle", 0).permutation(len(data.train))
    return order[:ADAPTING_BATCH]
