"""What a data source delivers: three splits of rows with labels, kept as they came."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from actlab.arrays import Array
from actlab.config import Part


@dataclass(frozen=True)
class Split:
    """Rows `x (n, features)`, uint8 or float32, and their `labels (n,)`, int64 from 0."""

    x: Array
    labels: Array

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Dataset:
    """Train, validation and test split; `shape` is one row's, as (channels, height, width)."""

    train: Split
    validation: Split
    test: Split
    classes: tuple[str, ...]
    shape: tuple[int, ...]

    @property
    def features(self) -> int:
        """Numbers per row."""
        return self.train.x.shape[1]


class DataError(RuntimeError):
    """Data that is missing, damaged or too small; the message says what to type."""


class Source(Part):
    """Where examples come from."""

    family: ClassVar[str] = "source"
    needs_files: ClassVar[bool] = False
    """Whether examples are read from files, rather than drawn."""
    unknown_units: ClassVar[bool] = False
    """Whether features may have any mean and spread: standardized, unless told otherwise."""

    @property
    def images(self) -> bool:
        """Whether rows are uint8 images in channel-major order."""
        return False

    @property
    @abstractmethod
    def sizes(self) -> tuple[int, int, int]:
        """Examples in the train, validation and test split."""

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Shape of one row, known without loading it."""

    @property
    @abstractmethod
    def n_classes(self) -> int:
        """Number of classes, known without loading."""

    def at(self, path: Path | None) -> Source:
        """The same source with its files at `path`, for one that must look to know its shape."""
        return self

    @abstractmethod
    def shrunk(self, examples: int) -> Source:
        """The same source with at most this many examples in each split."""

    @abstractmethod
    def load(self, seed: int, path: Path | None = None) -> Dataset:
        """The three splits, drawn with the roles `data` and `split` of the seed.

        `path` overrides where files are looked for. Raises DataError.
        """


class SizedSource(Source):
    """A source whose settings name the sizes of its splits."""

    train: int
    validation: int
    test: int

    @property
    def sizes(self) -> tuple[int, int, int]:
        return self.train, self.validation, self.test

    def shrunk(self, examples: int) -> Self:
        train, validation, test = (min(size, examples) for size in self.sizes)
        return self.model_copy(update={"train": train, "validation": validation, "test": test})
