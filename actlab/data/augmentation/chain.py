"""All steps of `data.augment` in order, fitted to the training split, with the noise of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from actlab.arrays import Array
from actlab.data.augmentation.base import Augmentation, Shape
from actlab.data.dataset import Dataset, Split
from actlab.nn.losses import Labels
from actlab.randomness import generator

DEFAULT_REACH = 4
"""How far corner crops lie from the centre, where no training crop says it."""
CHUNK = 1000


@dataclass(frozen=True)
class Chain:
    """Fitted steps for rows of images of this shape (channels, height, width).

    A step's noise is keyed by seed, epoch, batch and the step's own name: no other setting of the
    run changes it, neither that of another step.
    """

    steps: tuple[Augmentation, ...]
    shape: Shape
    seed: int

    @property
    def shape_out(self) -> Shape:
        """Shape of the images that the network sees."""
        return shape_out(self.steps, self.shape)

    @property
    def reach(self) -> int:
        """Pixels from centre to corner crops: as far as the training images are moved."""
        return max((step.reach(self.shape) for step in self.steps), default=0) or DEFAULT_REACH

    def batch(self, rows: Array, labels: Labels, epoch: int, index: int) -> tuple[Array, Labels]:
        """Rows (n, features) of a training batch and their labels, changed at random."""
        if not self.steps:
            return rows, labels
        *_, (_, x, labels) = self.stages(rows, labels, epoch, index)
        return x.reshape(len(x), -1), labels

    def stages(
        self, rows: Array, labels: Labels, epoch: int, index: int
    ) -> Iterator[tuple[Augmentation, Array, Labels]]:
        """After each step: the step, the images (n, channels, height, width), their labels."""
        x = rows.reshape(-1, *self.shape)
        for step, rng in zip(self.steps, self._noise(epoch, index), strict=True):
            x, labels = step.change_batch(x, labels, rng)
            yield step, x, labels

    def sample(self, rows: Array, index: int, sample: int) -> Array:
        """Evaluation rows, changed by the steps that are drawn at test, too."""
        x = rows.reshape(-1, *self.shape)
        for step, rng in zip(self.steps, self._noise(0, index, sample), strict=True):
            x = step.change(x, rng) if step.at_test else step.calm(x)
        return x.reshape(len(x), -1)

    def calm(self, rows: Array) -> Array:
        """Rows with what stands for every step where nothing is drawn."""
        if self.shape_out == self.shape:
            return rows
        x = rows.reshape(-1, *self.shape)
        for step in self.steps:
            x = step.calm(x)
        return x.reshape(len(x), -1)

    def calmed(self, data: Dataset) -> Dataset:
        """All splits as the network sees them where nothing is drawn: the same, or smaller images.

        Preprocessing is fitted to these, and statistics are taken of them.
        """
        if self.shape_out == self.shape:
            return data
        train, validation, test = map(self._calm_split, (data.train, data.validation, data.test))
        return Dataset(train, validation, test, data.classes, self.shape_out)

    def _calm_split(self, split: Split) -> Split:
        x = np.empty((len(split), int(np.prod(self.shape_out))), split.x.dtype)
        for start in range(0, len(split), CHUNK):
            x[start : start + CHUNK] = self.calm(split.x[start : start + CHUNK])
        return Split(x, split.labels)

    def _noise(self, *key: int) -> Iterator[np.random.Generator]:
        """A generator for each step; a second step of the same name has noise of its own."""
        seen: Counter[str] = Counter()
        for step in self.steps:
            word = crc32(step.name.encode())
            yield generator(self.seed, "augmentation", *key, word, seen[step.name])
            seen[step.name] += 1


def fit(steps: Sequence[Augmentation], data: Dataset, seed: int) -> Chain:
    """The steps, knowing what they must of the training images as they came."""
    if not steps:
        return Chain((), data.shape, seed)
    images = data.train.x.reshape(-1, *data.shape)
    return Chain(tuple(step.fit(images) for step in steps), data.shape, seed)


def shape_out(steps: Sequence[Augmentation], shape: Shape) -> Shape:
    """What shape images have after all steps; ValueError if a step does not fit them."""
    for step in steps:
        step.check(shape)
        shape = step.shape_out(shape)
    return shape
