"""Round clouds of points, whose overlap is known: what a network should and cannot exceed."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.data.dataset import Dataset, SizedSource, Split
from actlab.randomness import generator


class Blobs(SizedSource):
    """x = c + spread z, z unit normal, c = (cos t, sin t, 0, ...) with t = 2 pi label / classes.

    The centres stand evenly on the unit circle of the first two features, under every seed the
    same; any further features are noise. Labels take turns, so that classes are equally large.

    Source: the normal classes of equal covariance of Fisher (1936), "The use of multiple
    measurements in taxonomic problems".
    """

    name: ClassVar[str] = "blobs"

    train: int = Field(300, ge=1, description="training examples")
    validation: int = Field(150, ge=0, description="validation examples")
    test: int = Field(300, ge=0, description="test examples")
    classes: int = Field(3, ge=2, description="clouds")
    features: int = Field(2, ge=2, description="numbers per row")
    spread: float = Field(0.3, ge=0, description="standard deviation of a cloud, in each feature")

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.features,)

    @property
    def n_classes(self) -> int:
        return self.classes

    @property
    def centres(self) -> Array:
        """Centre of each class, `(classes, features)`."""
        t = 2 * np.pi * np.arange(self.classes) / self.classes
        centres = np.zeros((self.classes, self.features))
        centres[:, 0], centres[:, 1] = np.cos(t), np.sin(t)
        return centres

    def load(self, seed: int, path: Path | None = None) -> Dataset:
        """Each split is an independent draw, and a smaller one the beginning of a larger one."""
        train, validation, test = (self._split(n, seed, k) for k, n in enumerate(self.sizes))
        names = tuple(f"cloud {label}" for label in range(self.classes))
        return Dataset(train, validation, test, names, self.shape)

    def _split(self, rows: int, seed: int, index: int) -> Split:
        labels = np.arange(rows) % self.classes
        z = generator(seed, "data", index).standard_normal((rows, self.features))
        return Split((self.centres[labels] + self.spread * z).astype(np.float32), labels)
