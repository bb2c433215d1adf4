"""No nonlinearity."""

from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations.base import Elementwise


class Identity(Elementwise):
    """f(x) = x: without a nonlinearity a deep network is one linear map.

    Source: the linear unit of Widrow and Hoff (1960), "Adaptive switching circuits".
    """

    name: ClassVar[str] = "identity"
    aliases: ClassVar[tuple[str, ...]] = ("linear",)
    homogeneous: ClassVar[bool] = True

    @property
    def gain(self) -> float:
        return 1.0

    def value_into(self, x: Array, out: Array) -> None:
        np.copyto(out, x)

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        out[...] = 1
