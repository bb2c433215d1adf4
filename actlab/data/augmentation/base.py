"""What an augmentation is: a random change of a batch of images, and what stands for it at test."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.config import Part
from actlab.nn.losses import Labels

Shape = tuple[int, ...]


class Augmentation(Part):
    """A step of `data.augment`: images x (n, channels, height, width), uint8 in and out.

    x is never written. Each image has its own noise.
    """

    family: ClassVar[str] = "augmentation"
    at_test: ClassVar[bool] = True
    """Whether `data.test_time: samples` draws it, too."""
    mixes: ClassVar[bool] = False
    """Whether it mixes labels."""

    def check(self, shape: Shape) -> None:
        """ValueError with a remedy, if images of this (channels, height, width) do not fit."""

    def shape_out(self, shape: Shape) -> Shape:
        """(channels, height, width) of what comes out, for what goes in."""
        return shape

    def reach(self, shape: Shape) -> int:
        """Pixels by which images are moved at most, so how far corner crops lie."""
        return 0

    def fit(self, images: Array) -> Augmentation:
        """The same step, knowing what it must of the training images."""
        return self

    def change(self, x: Array, rng: np.random.Generator) -> Array:
        """The images, changed at random."""
        return x

    def change_batch(
        self, x: Array, labels: Labels, rng: np.random.Generator
    ) -> tuple[Array, Labels]:
        """Images and labels, changed at random."""
        return self.change(x, rng), labels

    def calm(self, x: Array) -> Array:
        """What stands for the change where nothing is drawn, of the shape that `change` gives."""
        return x
