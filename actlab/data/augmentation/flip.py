"""Mirror images."""

from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.data.augmentation.base import Augmentation


class Flip(Augmentation):
    """Mirrors an image left to right, with this probability.

    Source: Krizhevsky, Sutskever and Hinton (2012), "ImageNet classification with deep
    convolutional neural networks", section 4.1.
    """

    name: ClassVar[str] = "flip"
    aliases: ClassVar[tuple[str, ...]] = ("horizontal_flip",)

    probability: float = Field(0.5, ge=0, le=1, description="of being mirrored")

    def change(self, x: Array, rng: np.random.Generator) -> Array:
        chosen = np.flatnonzero(rng.random(len(x)) < self.probability)
        y = x.copy()
        y[chosen] = x[chosen][..., ::-1]
        return y
