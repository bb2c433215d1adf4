"""Random crops of padded images."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.data.augmentation.base import Augmentation, Shape
from actlab.data.augmentation.geometry import padded, windows


class Crop(Augmentation):
    """A window at random, each place as likely, of the image with `padding` pixels on each side.

    The window is as large as the image, unless `size` says otherwise; where nothing is drawn it is
    the centre.

    Source: Krizhevsky et al. (2012), section 4.1; with padding 4 for 32 x 32 pixels: He, Zhang, Ren
    and Sun (2015), "Deep residual learning for image recognition", section 4.2.
    """

    name: ClassVar[str] = "crop"
    aliases: ClassVar[tuple[str, ...]] = ("random_crop",)

    padding: int = Field(4, ge=0, description="pixels added on each side")
    size: int | None = Field(None, ge=1, description="side of the window; empty: the image's")
    fill: Literal["black", "mirror"] = Field("black", description="what the padding shows")

    def check(self, shape: Shape) -> None:
        side = min(shape[1:])
        if (self.size or 0) > side:
            raise ValueError(f"crop: size must be at most {side}, the side of the images")
        if self.padding > side:
            raise ValueError(f"crop: padding must be at most {side}, the side of the images")

    def shape_out(self, shape: Shape) -> Shape:
        return (shape[0], self.size, self.size) if self.size else shape

    def reach(self, shape: Shape) -> int:
        return self.padding + (min(shape[1:]) - min(self.shape_out(shape)[1:])) // 2

    def change(self, x: Array, rng: np.random.Generator) -> Array:
        _, height, width = self.shape_out(x.shape[1:])
        wide = padded(x, self.padding, self.fill)
        places = (
            side - part + 1 for side, part in zip(wide.shape[2:], (height, width), strict=True)
        )
        top, left = (rng.integers(0, n, len(x)) for n in places)
        return windows(wide, top, left, height, width)

    def calm(self, x: Array) -> Array:
        _, height, width = self.shape_out(x.shape[1:])
        top, left = (x.shape[2] - height) // 2, (x.shape[3] - width) // 2
        return x[:, :, top : top + height, left : left + width]
