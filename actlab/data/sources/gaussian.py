"""Rows of unit normal numbers with labels drawn by lot: nothing to learn, all to observe."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.data.dataset import Dataset, Source, Split
from actlab.randomness import generator


class Gaussian(Source):
    """x ~ N(0, 1) in float32, labels uniform: the input of the activation-statistics experiment.

    A fresh network sees only the spread of its input, so the labels carry no information.

    Source: Karpathy, Johnson & Li, CS231n lecture "Training neural networks, part 1" (2016), whose
    code draws `D = np.random.randn(1000, 500)`.
    """

    name: ClassVar[str] = "gaussian"

    n: int = Field(1000, ge=1, description="training examples")
    features: int = Field(500, ge=1, description="numbers per row")
    classes: int = Field(10, ge=2, description="labels are drawn from 0 to classes - 1")
    validation: int = Field(200, ge=0, description="validation examples")
    test: int = Field(200, ge=0, description="test examples")

    @property
    def sizes(self) -> tuple[int, int, int]:
        return self.n, self.validation, self.test

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.features,)

    @property
    def n_classes(self) -> int:
        return self.classes

    def shrunk(self, examples: int) -> Gaussian:
        n, validation, test = (min(size, examples) for size in self.sizes)
        return self.model_copy(update={"n": n, "validation": validation, "test": test})

    def load(self, seed: int, path: Path | None = None) -> Dataset:
        """Each split is an independent draw, and a smaller one the beginning of a larger one."""
        train, validation, test = (self._split(n, seed, k) for k, n in enumerate(self.sizes))
        names = tuple(f"class {label}" for label in range(self.classes))
        return Dataset(train, validation, test, names, self.shape)

    def _split(self, rows: int, seed: int, index: int) -> Split:
        x = generator(seed, "data", index, 0).standard_normal((rows, self.features), np.float32)
        labels = generator(seed, "data", index, 1).integers(self.classes, size=rows)
        return Split(x, labels)
