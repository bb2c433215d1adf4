"""Random scale."""

from typing import ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from actlab.arrays import Array
from actlab.data.augmentation.base import Augmentation
from actlab.data.augmentation.geometry import resampled, spans


class ScaleJitter(Augmentation):
    """Enlarges an image by a factor from U(low, high), and shows a random part of the same size.

    Below 1 the whole image is shown, at a random place, its edge repeated around it. Pixels are
    interpolated linearly, and averaged where the image shrinks.

    Source: Simonyan and Zisserman (2014), "Very deep convolutional networks for large-scale image
    recognition", arXiv 1409.1556, section 3.1 (scale jittering).
    """

    name: ClassVar[str] = "scale_jitter"
    aliases: ClassVar[tuple[str, ...]] = ("random_scale",)

    low: float = Field(0.8, gt=0.1, le=10, description="smallest factor")
    high: float = Field(1.25, gt=0.1, le=10, description="largest factor")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low must be at most high, which is {self.high:g}")
        return self

    def change(self, x: Array, rng: np.random.Generator) -> Array:
        scale, *places = (rng.random(len(x)) for _ in range(3))
        scale = self.low + (self.high - self.low) * scale
        matrices = []
        for side, place in zip(x.shape[2:], places, strict=True):
            extent = side / scale
            matrices.append(spans(place * (side - extent), extent, side, side))
        return resampled(x, *matrices)
