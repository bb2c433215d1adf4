"""The centre, or ten crops, at one or several scales."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from actlab.arrays import Array
from actlab.data.augmentation.chain import Chain
from actlab.data.augmentation.geometry import moved, zoomed
from actlab.data.averaging.base import Averaging

Scale = Annotated[float, Field(gt=0.1, le=10)]


class Centre(Averaging):
    """p = mean over scales of softmax(s(the image enlarged by the scale)): one view at scale 1.

    Source: Simonyan and Zisserman (2014), "Very deep convolutional networks for large-scale image
    recognition", arXiv 1409.1556, section 3.2 (multi-scale evaluation).
    """

    name: ClassVar[str] = "centre"
    aliases: ClassVar[tuple[str, ...]] = ("center",)

    scales: tuple[Scale, ...] = Field((1.0,), min_length=1, description="factors of enlargement")

    @property
    def needs_images(self) -> bool:
        return self.scales != (1.0,)

    @property
    def count(self) -> int:
        return len(self.scales)

    def views(self, rows: Array, chain: Chain, index: int) -> Iterator[Array]:
        if not self.needs_images:
            yield chain.calm(rows)
            return
        images = rows.reshape(-1, *chain.shape)
        for scale in self.scales:
            yield chain.calm(zoomed(images, scale).reshape(rows.shape))


class TenCrops(Averaging):
    """p = mean of softmax(s(view)) over 4 corners and the centre, each also mirrored.

    A corner lies as far from the centre as the training's `crop` moves images, and shows the same
    padding. With several scales there are ten views at each.

    Source: Krizhevsky, Sutskever and Hinton (2012), "ImageNet classification with deep
    convolutional neural networks", section 4.1; several scales: He et al. (2015), "Deep residual
    learning for image recognition", section 3.4.
    """

    name: ClassVar[str] = "ten_crops"

    scales: tuple[Scale, ...] = Field((1.0,), min_length=1, description="factors of enlargement")
    shift: int | None = Field(
        None, ge=0, description="pixels from centre to corner; empty: as `crop` has it, or 4"
    )

    @property
    def count(self) -> int:
        return 10 * len(self.scales)

    def views(self, rows: Array, chain: Chain, index: int) -> Iterator[Array]:
        images = rows.reshape(-1, *chain.shape)
        r = chain.reach if self.shift is None else self.shift
        for scale in self.scales:
            scaled = zoomed(images, scale)
            for down, right in ((0, 0), (-r, -r), (-r, r), (r, -r), (r, r)):
                seen = moved(scaled, down, right)
                for view in (seen, seen[..., ::-1]):
                    yield chain.calm(view.reshape(rows.shape))
