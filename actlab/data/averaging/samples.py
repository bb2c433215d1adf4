"""The training's own randomness, averaged out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from actlab.arrays import Array
from actlab.data.augmentation.chain import Chain
from actlab.data.averaging.base import Averaging


class Samples(Averaging):
    """p = mean over n draws of softmax(s(the image as `data.augment` changes it)).

    Cutout and mixup, which take from the image, are not drawn.

    Source: Graham (2014), "Fractional max-pooling", arXiv 1412.6071, section 4 (model averaging).
    """

    name: ClassVar[str] = "samples"

    n: int = Field(12, ge=1, description="draws for each image")

    @property
    def count(self) -> int:
        return self.n

    def views(self, rows: Array, chain: Chain, index: int) -> Iterator[Array]:
        for sample in range(self.n):
            yield chain.sample(rows, index, sample)
