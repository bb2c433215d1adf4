"""CIFAR-10 from its official files; `actlab data fetch cifar10` brings them."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from actlab.data import cifar10_files
from actlab.data.dataset import DataError, Dataset, SizedSource, Split
from actlab.data.download import cifar10_places
from actlab.randomness import generator

ALL_TRAIN = 50_000


class Cifar10(SizedSource):
    """Photographs of ten kinds of animals and vehicles, 32x32 pixels in colour.

    Training and validation examples are drawn from the 50,000 training images by the role `split`
    of the seed; test examples are the first of the 10,000 test images, under every seed the same.

    Source: Krizhevsky, "Learning multiple layers of features from tiny images" (2009),
    https://www.cs.toronto.edu/~kriz/cifar.html.
    """

    name: ClassVar[str] = "cifar10"
    needs_files: ClassVar[bool] = True

    train: int = Field(45_000, ge=1, le=ALL_TRAIN, description="training examples")
    validation: int = Field(5_000, ge=0, le=ALL_TRAIN, description="validation examples")
    test: int = Field(10_000, ge=0, le=10_000, description="test examples")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        asked = self.train + self.validation
        if asked > ALL_TRAIN:
            raise ValueError(
                f"train + validation is {asked}, but CIFAR-10 has {ALL_TRAIN} training images; "
                f"with train: {self.train}, validation is at most {ALL_TRAIN - self.train}"
            )
        return self

    @property
    def images(self) -> bool:
        return True

    @property
    def shape(self) -> tuple[int, ...]:
        return (3, 32, 32)

    @property
    def n_classes(self) -> int:
        return len(cifar10_files.CLASSES)

    def load(self, seed: int, path: Path | None = None) -> Dataset:
        """The splits from `path`, else ACTLAB_DATA, else the user's cache; uint8 throughout.

        Raises DataError where there are no files, or damaged ones, or too few rows in them.
        """
        found = cifar10_files.find(cifar10_places(path))
        rows, test = _read(found)
        self._require(found, "training", len(rows), self.train + self.validation)
        self._require(found, "test", len(test), self.test)
        _shuffle(rows, generator(seed, "split").permutation(len(rows)))
        ends = np.cumsum([self.train, self.validation])
        train, validation, _ = (
            Split(x, labels)
            for x, labels in zip(np.split(rows.x, ends), np.split(rows.labels, ends), strict=True)
        )
        return Dataset(
            train, validation, _first(test, self.test), cifar10_files.CLASSES, self.shape
        )

    def _require(self, found: Path, kind: str, held: int, asked: int) -> None:
        if held < asked:
            raise DataError(
                f"{found}: holds {held:,} {kind} images, but {asked:,} are asked for; "
                "lower train, validation or test, or type `actlab data fetch cifar10`"
            )


def _read(found: Path) -> tuple[Split, Split]:
    """All training rows in the order of their batches, and all test rows, each held once."""
    size, batches = cifar10_files.BATCH_ROWS, cifar10_files.TRAIN_BATCHES
    x = np.empty((len(batches) * size, cifar10_files.FEATURES), np.uint8)
    labels, held = np.empty(len(x), np.int64), np.zeros(len(x), bool)
    for _, name, split in cifar10_files.one_by_one(found):
        if name not in batches:
            test = _first(split, len(split))
            continue
        start = batches.index(name) * size
        place = slice(start, start + len(split))
        x[place], labels[place], held[place] = split.x, split.labels, True
    return (Split(x, labels) if held.all() else Split(x[held], labels[held])), test


def _first(split: Split, n: int) -> Split:
    """The first rows, without the rest kept behind them."""
    return Split(split.x[:n].copy(), split.labels[:n].copy())


def _shuffle(split: Split, order: np.ndarray) -> None:
    """Bring row `order[i]` to place i, along the cycles of the order: no second copy is held."""
    split.labels[...] = split.labels[order]
    left = order.tolist()
    for start in range(len(left)):
        if left[start] == start:
            continue
        first, at = split.x[start].copy(), start
        while (source := left[at]) != start:
            split.x[at] = split.x[source]
            left[at], at = at, source
        split.x[at], left[at] = first, at
