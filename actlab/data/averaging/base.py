"""What averages predictions at test: several views of every image."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from actlab.arrays import Array
from actlab.config import Part
from actlab.data.augmentation.chain import Chain


class Averaging(Part):
    """Views of images, over which the probabilities of classes are averaged at the end."""

    family: ClassVar[str] = "averaging"

    @property
    @abstractmethod
    def count(self) -> int:
        """How many views there are."""

    @abstractmethod
    def views(self, rows: Array, chain: Chain, index: int) -> Iterator[Array]:
        """Rows (n, features) of uint8 images as the network is to see them, view by view.

        `index` tells batches apart. Rows are never written.
        """

    @property
    def needs_images(self) -> bool:
        """Whether other rows than images have no such views."""
        return True
