"""Spiral arms in the plane: the smallest task that no straight line solves."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.data.dataset import Dataset, SizedSource, Split
from actlab.randomness import generator


class Spiral(SizedSource):
    """x = r (sin t, cos t) with t = 2 pi (turns r + label / classes) + noise z: an arm per class.

    The radius r is uniform from 0 to 1 and z unit normal. Labels take turns, so that classes are
    equally large.

    Source: Karpathy, CS231n notes "Neural networks case study" (2015), with the arms evenly apart.
    """

    name: ClassVar[str] = "spiral"

    train: int = Field(300, ge=1, description="training examples")
    validation: int = Field(150, ge=0, description="validation examples")
    test: int = Field(300, ge=0, description="test examples")
    classes: int = Field(3, ge=2, description="arms")
    noise: float = Field(0.2, ge=0, description="standard deviation of the angle, in radians")
    turns: float = Field(0.64, description="revolutions of an arm from its centre to its end")

    @property
    def shape(self) -> tuple[int, ...]:
        return (2,)

    @property
    def n_classes(self) -> int:
        return self.classes

    def load(self, seed: int, path: Path | None = None) -> Dataset:
        """Each split is an independent draw, and a smaller one the beginning of a larger one."""
        train, validation, test = (self._split(n, seed, k) for k, n in enumerate(self.sizes))
        names = tuple(f"arm {label}" for label in range(self.classes))
        return Dataset(train, validation, test, names, self.shape)

    def _split(self, rows: int, seed: int, index: int) -> Split:
        labels = np.arange(rows) % self.classes
        r = generator(seed, "data", index, 0).random(rows)
        z = generator(seed, "data", index, 1).standard_normal(rows)
        t = 2 * np.pi * (self.turns * r + labels / self.classes) + self.noise * z
        x = r[:, None] * np.stack([np.sin(t), np.cos(t)], axis=1)
        return Split(x.astype(np.float32), labels)
