"""Batches as the network gets them, the next one prepared while the last is trained on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import DTypeLike

from actlab.arrays import Array
from actlab.data.augmentation.chain import Chain
from actlab.data.dataset import Split
from actlab.data.preprocessing.pipeline import Pipeline
from actlab.nn.losses import Labels
from actlab.nn.stepping import Feed
from actlab.nn.team import Task


class Feeder:
    """Gathers rows of a split, augments and preprocesses them.

    `prepare` does so for a batch to come, in arrays that the batch at hand does not use, as tasks
    for members of a team that have nothing better to do. Who does them, and when, changes no bit.
    Batches have up to `batch` rows, and those of `of` up to `capacity`.
    """

    def __init__(
        self,
        train: Split,
        chain: Chain,
        pipeline: Pipeline,
        batch: int,
        capacity: int,
        dtype: DTypeLike,
    ) -> None:
        self.train, self.chain, self.pipeline = train, chain, pipeline
        self._large, other = (
            _Arrays(
                np.empty((rows, train.x.shape[1]), train.x.dtype),
                np.empty((rows, pipeline.features), dtype),
            )
            for rows in (capacity, batch)
        )
        self._now, self._next = self._large, other
        self._prepared: Array | None = None
        self._undone: list[Sequence[slice]] = []
        self._labels: Labels

    def batch(self, epoch: int, index: int, chosen: Array) -> tuple[Feed, Labels]:
        """These rows of the training split, augmented, and their labels."""
        prepared, self._prepared = self._prepared, None
        if prepared is chosen and not self._undone:
            self._now, self._next = self._next, self._now
            return self._now.x.__getitem__, self._labels
        if not self.chain.steps:
            feed = partial(self._gathered, self.train, chosen, self._now)
            return feed, self.train.labels[chosen]
        seen, labels = self._augmented(epoch, index, chosen)
        return partial(self._preprocessed, seen, self._now), labels

    def prepare(
        self, epoch: int, index: int, chosen: Array, parts: Sequence[Sequence[slice]]
    ) -> list[Task]:
        """Tasks for the next call of `batch`, if it is for these rows and all have been done.

        Each does the parts that it is given one by one, as the feed would be asked for them, since
        products of other rows, which some steps of preprocessing are, have other last bits.
        """
        self._prepared = chosen
        if self.chain.steps:
            every = [part for some in parts for part in some]
            self._undone = [every]
            return [partial(self._prepare_augmented, epoch, index, chosen, every)]
        self._undone = list(parts)
        self._labels = self.train.labels[chosen]
        return [partial(self._prepare, chosen, some) for some in parts]

    def of(self, split: Split, chosen: Array) -> Feed:
        """These rows of a split as they are, or with what stands for augmentation.

        What was prepared may lie where they go, and is forgotten.
        """
        self._prepared = None
        return partial(self._gathered, split, chosen, self._large)

    def _prepare(self, chosen: Array, parts: Sequence[slice]) -> None:
        for part in parts:
            self._gathered(self.train, chosen, self._next, part)
        self._undone.pop()

    def _prepare_augmented(
        self, epoch: int, index: int, chosen: Array, parts: Sequence[slice]
    ) -> None:
        seen, self._labels = self._augmented(epoch, index, chosen)
        for part in parts:
            self._preprocessed(seen, self._next, part)
        self._undone.pop()

    def _augmented(self, epoch: int, index: int, chosen: Array) -> tuple[Array, Labels]:
        return self.chain.batch(self.train.x[chosen], self.train.labels[chosen], epoch, index)

    def _gathered(self, split: Split, chosen: Array, arrays: _Arrays, part: slice) -> Array:
        rows = arrays.rows[part]
        split.x.take(chosen[part], axis=0, out=rows, mode="clip")
        return self.pipeline.apply(self.chain.calm(rows), arrays.x[part])

    def _preprocessed(self, seen: Array, arrays: _Arrays, part: slice) -> Array:
        return self.pipeline.apply(seen[part], arrays.x[part])


@dataclass(frozen=True)
class _Arrays:
    """Where a batch is gathered, and where it is then written as floats."""

    rows: Array
    x: Array


def ahead(batches: Iterable[Array]) -> Iterator[tuple[Array, Array | None]]:
    """Each batch with the one that follows it."""
    known = list(batches)
    return zip(known, [*known[1:], None], strict=False)
