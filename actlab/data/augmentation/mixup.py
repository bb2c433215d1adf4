"""Mixtures of two images and of their labels."""

from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.data.augmentation.base import Augmentation
from actlab.nn.losses import Labels, MixedLabels

LEVELS = 256


class Mixup(Augmentation):
    """x = a x_i + (1 - a) x_j, y = a y_i + (1 - a) y_j, a from Beta(alpha, alpha).

    Partners are a random order of the batch; one weight serves the batch, as in the authors' code.
    It is a multiple of 1/256, so that bytes are mixed by the very weight of the labels. Nothing is
    mixed at test; training accuracy counts both labels by their weights.

    Source: Zhang, Cisse, Dauphin and Lopez-Paz (2017), "mixup: beyond empirical risk minimization",
    arXiv 1710.09412.
    """

    name: ClassVar[str] = "mixup"
    at_test: ClassVar[bool] = False
    mixes: ClassVar[bool] = True

    alpha: float = Field(1.0, gt=0, description="of Beta(alpha, alpha); 1 is uniform")

    def change_batch(
        self, x: Array, labels: Labels, rng: np.random.Generator
    ) -> tuple[Array, Labels]:
        if isinstance(labels, MixedLabels):
            raise ValueError("labels are mixed already")
        level = round(rng.beta(self.alpha, self.alpha) * LEVELS)
        partners = rng.permutation(len(x))
        # 256 levels of bytes just fit into 16 bits, the half for rounding included
        mixed = x * np.uint16(level)
        mixed += x[partners] * np.uint16(LEVELS - level)
        mixed += np.uint16(LEVELS // 2)
        mixed >>= 8
        return mixed.astype(np.uint8), MixedLabels(labels, labels[partners], level / LEVELS)
