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
        _, batches = cifar10_files.read(found)
        held = sum(len(batches[name]) for name in cifar10_files.TRAIN_BATCHES)
        self._require(found, "training", held, self.train + self.validation)
        self._require(found, "test", len(batches["test_batch"]), self.test)
        order = generator(seed, "split").permutation(held)[: self.train + self.validation]
        tested = batches.pop("test_batch")
        test = Split(tested.x[: self.test].copy(), tested.labels[: self.test])
        rows = _gathered(batches, order)
        train = Split(rows.x[: self.train], rows.labels[: self.train])
        validation = Split(rows.x[self.train :], rows.labels[self.train :])
        return Dataset(train, validation, test, cifar10_files.CLASSES, self.shape)

    def _require(self, found: Path, kind: str, held: int, asked: int) -> None:
        if held < asked:
            raise DataError(
                f"{found}: holds {held:,} {kind} images, but {asked:,} are asked for; "
                "lower train, validation or test, or type `actlab data fetch cifar10`"
            )


def _gathered(batches: dict[str, Split], order: np.ndarray) -> Split:
    """Row `order[i]` of all batches, end to end, as row i; empties `batches`.

    Batches are released one by one: the images are not held twice any longer than needed.
    """
    x = np.empty((len(order), cifar10_files.FEATURES), np.uint8)
    labels = np.empty(len(order), np.int64)
    start = 0
    for name in cifar10_files.TRAIN_BATCHES:
        batch = batches.pop(name)
        to = np.flatnonzero((order >= start) & (order < start + len(batch)))
        x[to] = batch.x[order[to] - start]
        labels[to] = batch.labels[order[to] - start]
        start += len(batch)
    return Split(x, labels)
