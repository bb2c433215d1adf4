"""MNIST, Fashion-MNIST and whatever else comes in their format."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.data import idx_files
from actlab.data.dataset import DataError, Dataset, SizedSource, Split
from actlab.data.download import cache_directory
from actlab.randomness import generator

Side = Annotated[int, Field(ge=1)]


class Idx(SizedSource):
    """Grey images from the four IDX files of MNIST, Fashion-MNIST or a set of the same format.

    They are looked for in data.path, else in ACTLAB_DATA, then in the user's cache; in each first
    in its `folder`, which tells one set from another: data.path does not count for the hash.
    Training and validation examples are drawn from the training images by the role `split` of the
    seed; test examples are the first of the test images, under every seed the same.

    Source: LeCun, Bottou, Bengio and Haffner (1998), "Gradient-based learning applied to document
    recognition" (MNIST); Xiao, Rasul and Vollgraf (2017), arXiv 1708.07747 (Fashion-MNIST).
    """

    name: ClassVar[str] = "idx"
    aliases: ClassVar[tuple[str, ...]] = ("mnist",)
    needs_files: ClassVar[bool] = True

    train: int = Field(55_000, ge=1, description="training examples")
    validation: int = Field(5_000, ge=0, description="validation examples")
    test: int = Field(10_000, ge=0, description="test examples")
    folder: str = Field("mnist", description="directory of the set, such as fashion-mnist")
    image_shape: tuple[Literal[1], Side, Side] = Field(
        (1, 28, 28), description="channels (1), height and width"
    )
    classes: int = Field(10, ge=2, le=256, description="labels go from 0 to classes - 1")

    @property
    def images(self) -> bool:
        return True

    @property
    def shape(self) -> tuple[int, ...]:
        return self.image_shape

    @property
    def n_classes(self) -> int:
        return self.classes

    def load(self, seed: int, path: Path | None = None) -> Dataset:
        """The splits, uint8 throughout. Raises DataError for missing, damaged or unfit files."""
        files = idx_files.find(self._places(path))
        tested = self._rows(files, "test", self.test)
        held = self._rows(files, "train", self.train + self.validation)
        order = generator(seed, "split").permutation(len(held))
        order = order[: self.train + self.validation]
        train = Split(held.x[order[: self.train]], held.labels[order[: self.train]])
        validation = Split(held.x[order[self.train :]], held.labels[order[self.train :]])
        test = Split(tested.x[: self.test].copy(), tested.labels[: self.test])
        names = tuple(f"class {label}" for label in range(self.classes))
        return Dataset(train, validation, test, names, self.shape)

    def _places(self, path: Path | None) -> list[Path]:
        """Directories to look in, the likeliest first."""
        if path is not None:
            bases = [path.expanduser()]
        else:
            named = os.environ.get("ACTLAB_DATA")
            bases = [*([Path(named).expanduser()] if named else []), cache_directory()]
        return [place for base in bases for place in (base / self.folder, base)]

    def _rows(self, files: dict[str, Path], kind: str, asked: int) -> Split:
        """All images of a kind as rows, with their labels, checked against the settings."""
        image_file, label_file = files[f"{kind} images"], files[f"{kind} labels"]
        x = self._checked_images(image_file, idx_files.read(image_file, 3))
        labels = self._checked_labels(label_file, idx_files.read(label_file, 1))
        if len(x) != len(labels):
            fault = f"{len(labels):,} labels for the {len(x):,} images of {image_file.name}"
            raise DataError(f"{label_file}: {fault}; take both from one set")
        if len(x) < asked:
            raise DataError(
                f"{image_file}: holds {len(x):,} images, but {asked:,} are asked for; "
                "lower train, validation or test"
            )
        return Split(x, labels)

    def _checked_images(self, file: Path, images: Array) -> Array:
        found = [1, *images.shape[1:]]
        if found != list(self.image_shape):
            wanted = list(self.image_shape)
            raise DataError(f"{file}: image_shape is {found}, not {wanted}; set it to {found}")
        return images.reshape(len(images), -1)

    def _checked_labels(self, file: Path, labels: Array) -> Array:
        wrong = np.flatnonzero(labels >= self.classes)
        if len(wrong):
            raise DataError(
                f"{file}: label {labels[wrong[0]]} in row {wrong[0]}, but {self.classes} classes "
                f"go from 0 to {self.classes - 1}; set classes to at least {labels.max() + 1}"
            )
        return labels.astype(np.int64)
