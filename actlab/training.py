"""Train the network of an experiment on its data, and measure it on the way."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

import numpy as np

from actlab.architecture import build
from actlab.arrays import Array
from actlab.data.augmentation import chain
from actlab.data.dataset import Dataset
from actlab.data.preprocessing import pipeline
from actlab.experiment import Experiment
from actlab.measuring import Statistics
from actlab.nn.losses import Labels, n_right
from actlab.nn.optimizers.driver import Driver
from actlab.predicting import Predictor, in_order
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
        steps, seed = experiment.data.preprocess, experiment.seed
        self.chain = chain.fit(experiment.data.augment, data, seed)
        self.seen = seen = self.chain.calmed(data)
        self.pipeline = pipeline.fit(
            steps, seen.train, seen.shape, seed=seed, dtype=experiment.model.dtype
        )
        self.network = build(experiment, self.pipeline.features)
        with np.errstate(all="ignore"):
            self.network.adapt(self.pipeline.apply(seen.train.x[_adapting_rows(data, experiment)]))
        self.driver = Driver(experiment.train.optimizer, self.network)
        self.batch_size = min(experiment.train.batch_size, len(data.train))
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
            with np.errstate(all="ignore"):
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

    def _first_row(self) -> None:
        loss, accuracy = self.statistics.measure(epoch=0, step=0)
        self._row(0, loss, accuracy)
        self.best.followed(self.metrics)

    def _epoch(self, epoch: int) -> None:
        total_loss = right = 0.0
        for x, labels in self._batches(epoch):
            last = (self.driver.steps + 1) % self.steps_per_epoch == 0
            measure = self._measures_after(self.driver.steps + 1, last)
            before = self.driver.weights() if measure else None
            loss, n = self._step(epoch, x, labels)
            total_loss += loss * len(labels)
            right += n
            if before is not None:
                self.statistics.measure(epoch, self.driver.steps, before)
        self._row(epoch, total_loss / len(self.data.train), right / len(self.data.train))

    def _step(self, epoch: int, x: Array, labels: Labels) -> tuple[float, float]:
        """Loss of the batch, without penalties, and how many of it were right."""
        scores = self.network.forward(x, training=True)
        right = n_right(scores, labels)
        loss, dy = self.network.loss.value_and_gradient(scores, labels)
        if not np.isfinite(loss):
            raise Diverged(self._what_diverged(epoch, loss))
        self.network.backward(dy)
        self.driver.step(self._rate())
        if self.watcher:
            self.watcher.step(self.driver.steps, self.total, loss)
        return loss, right

    def _rate(self) -> float:
        train = self.experiment.train
        return train.optimizer.lr * train.schedule.factor(self.driver.steps / max(self.total, 1))

    def _measures_after(self, step: int, last_of_epoch: bool) -> bool:
        every = self.experiment.record.every
        return last_of_epoch if every == "epoch" else step % every == 0 or step == self.total

    def _batches(self, epoch: int) -> Iterator[tuple[Array, Labels]]:
        """The training split in a fresh order, augmented; the last batch is short if it must be."""
        train = self.data.train
        order = generator(self.experiment.seed, "shuffle", epoch).permutation(len(train))
        rows = np.empty((self.batch_size, train.x.shape[1]), train.x.dtype)
        x = np.empty((self.batch_size, self.pipeline.features), self.network.dtype)
        for start in range(0, len(order), self.batch_size):
            chosen = order[start : start + self.batch_size]
            n = len(chosen)
            train.x.take(chosen, axis=0, out=rows[:n], mode="clip")
            index = start // self.batch_size
            seen, labels = self.chain.batch(rows[:n], train.labels[chosen], epoch, index)
            yield self.pipeline.apply(seen, x[:n]), labels

    def _row(self, epoch: int, loss: float, accuracy: float) -> None:
        row = {"epoch": epoch, "step": self.driver.steps, "lr": self._rate()}
        row |= {"train_loss": loss, "train_accuracy": accuracy, "penalty": self.network.penalty()}
        if len(self.data.validation):
            row["val_loss"], row["val_accuracy"] = self.predictor.evaluate(
                self.data.validation, averaged=False
            )
        self.metrics.append(row)
        log.info(
            "epoch %d: %s", epoch, ", ".join(f"{k} {v:.4g}" for k, v in row.items() if k != "epoch")
        )

    def _finish(self) -> None:
        """Final metrics on every split; dead units over the whole training set."""
        self.final |= self.best.restored()
        splits = {"train": self.data.train, "val": self.data.validation, "test": self.data.test}
        for name, split in splits.items():
            if len(split):
                loss, accuracy = self.predictor.evaluate(split)
                self.final |= {f"{name}_loss": loss, f"{name}_accuracy": float(accuracy)}
        self.statistics.measure_dead_units(x for x, _ in in_order(self.seen.train))

    def _what_diverged(self, epoch: int, loss: float) -> str:
        layer = self.network.first_not_finite() or "the loss"
        step = self.driver.steps + 1
        return f"the loss is {loss} at step {step} (epoch {epoch}); first not finite: {layer}"


def _adapting_rows(data: Dataset, experiment: Experiment) -> Array:
    """The same rows for every initializer, from the order that an epoch 0 would have."""
    order = generator(experiment.seed, "shuffle", 0).permutation(len(data.train))
    return order[:ADAPTING_BATCH]
