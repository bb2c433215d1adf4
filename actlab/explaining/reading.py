"""A record as rules ask for it: before training, at the end, over the epochs."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from math import inf, isfinite, nan, sqrt

import numpy as np

from actlab.arrays import Array
from actlab.data.dataset import DataError
from actlab.nn.activations.rows import Rows
from actlab.record import Record

DEAD = 0.3
"""Share of dead units that is more than training usually leaves behind."""
SATURATED = 0.25
"""Share of a layer's activations on the flat ends that is too much."""


class Reading:
    """What rules ask of a record; arrays that it does not hold are empty, numbers NaN."""

    def __init__(self, record: Record) -> None:
        self.record, self.experiment = record, record.experiment
        self.model, self.activation = record.experiment.model, record.experiment.model.activation

    def first(self, statistic: str) -> Array:
        """A statistic before training, a number per layer."""
        return self._at(0, statistic)

    def last(self, statistic: str) -> Array:
        """The same at the last snapshot."""
        return self._at(-1, statistic)

    def _at(self, snapshot: int, statistic: str) -> Array:
        found = self.record.statistics.get(statistic, ())
        return np.asarray(found[snapshot], float) if len(found) else np.empty(0)

    @cached_property
    def depth(self) -> int:
        """Hidden layers."""
        return len(self.record.layers)

    @property
    def trained(self) -> bool:
        """Whether at least one epoch came to its end."""
        return len(self.record.metrics) > 1

    @property
    def moved(self) -> bool:
        """Whether something was measured after at least one step."""
        steps = np.asarray(self.record.statistics.get("step", ()))
        return steps.size > 1 and bool(steps[-1] > 0)

    @property
    def lr(self) -> float:
        """The learning rate before its schedule."""
        return self.experiment.train.optimizer.lr

    @property
    def across_units(self) -> bool:
        """Whether the activation normalises its layer as a whole."""
        return isinstance(self.activation, Rows)

    @cached_property
    def losses(self) -> Array:
        """Training loss over the epochs, the first before training."""
        return self.record.column("train_loss")

    @cached_property
    def told(self) -> tuple[str, Array]:
        """The loss to speak of: of the validation split, else of training.

        That of training is without noise before training and with it (dropout, augmentation) after
        each epoch, so the two do not compare.
        """
        losses = self.record.column("val_loss")
        if len(losses) and np.isfinite(losses[0]):
            return "validation loss", losses
        return "training loss", self.losses

    @property
    def loss_fell(self) -> float:
        """By which share of its first value the loss fell at best, of training or validation."""
        shares = [1 - np.nanmin(losses[1:]) / losses[0] for losses in self._loss_columns()]
        return float(max(shares)) if shares else nan

    @property
    def loss_rose(self) -> float:
        """By which share of its first value the loss ended higher, in training and validation."""
        shares = [losses[-1] / losses[0] - 1 for losses in self._loss_columns()]
        return float(min(shares)) if shares else nan

    def _loss_columns(self) -> list[Array]:
        columns = (self.losses, self.told[1]) if self.trained else ()
        return [losses for losses in columns if losses[0] > 0]

    @cached_property
    def input_size(self) -> float:
        """Root mean square of the preprocessed inputs."""
        squares = self.first("input.squares")
        return sqrt(squares.mean()) if squares.size else nan

    @property
    def uncentred(self) -> bool:
        """Whether no preprocessed input of the probe examples is negative."""
        least, mean = self.first("input.min"), self.first("input.mean")
        return bool(least.size and least >= 0 and mean > 0)

    @property
    def features(self) -> int:
        """Numbers that the network sees of each row; the width where that was not recorded."""
        features = self.first("input.features")
        return int(features) if features.size else self.model.hidden_widths[0]

    @property
    def validation_examples(self) -> float:
        """How many there are; infinite where missing files keep that unknown."""
        with suppress(DataError):
            return self.experiment.data.source.sizes[1]
        return inf

    @property
    def chance(self) -> float:
        """The accuracy of guessing, 1 over the classes; 0 where their number is unknown."""
        with suppress(DataError):
            return 1 / self.experiment.data.source.n_classes
        return 0.0

    def gradient_ratio(self, snapshot: str = "first") -> float:
        """Std of the gradient that reaches the first hidden layer, over that at the last one."""
        stds = getattr(self, snapshot)("activation_gradient.std")
        if stds.size < 2 or not stds[-1] > 0:
            return nan
        return float(stds[0] / stds[-1])

    def update_ratios(self) -> Array:
        """|update| / |W| at each snapshot in training, the median over the layers that move."""
        table = np.asarray(self.record.statistics.get("update_ratio", np.empty((0, 0))), float)
        rows = [row[np.isfinite(row)] for row in table[1:]]
        return np.array([np.median(row) for row in rows if row.size])

    @property
    def final_dead(self) -> Array:
        """Share of dead units at the end: on the whole training set where that was counted."""
        counted = np.asarray(self.record.statistics.get("dead_fraction_training_set", ()), float)
        return counted if counted.size else self.last("dead_fraction")


def number(value: float) -> str:
    """Two significant digits: `0.21`, `1.4e-6`, `1500`."""
    if not isfinite(value):
        return "not finite"
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{value:.2g}" if abs(value) < 99.5 else f"{value:.0f}"
    digits, exponent = f"{value:.1e}".split("e")
    return f"{digits.removesuffix('.0')}e{int(exponent)}"


def share(value: float) -> str:
    """A share in percent, never 0% for one that only comes near."""
    return "under 1%" if 0 < value < 0.01 else f"{value:.0%}"


def where(mask: Array) -> tuple[int, ...]:
    """The layers, from 1, for which a mask is set."""
    return tuple(int(at) + 1 for at in np.flatnonzero(mask))


def epochs(count: int) -> str:
    """`1 epoch`, `3 epochs`."""
    return f"{count} epoch" + "s" * (count != 1)
