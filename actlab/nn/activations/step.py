"""The binary step."""

from typing import Any, ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations.base import Elementwise


class Step(Elementwise):
    """f(x) = 1 where x > 0, otherwise 0; f' = 0: it passes no gradient at all.

    So no unit is ever steep, and all count as saturated.

    Source: McCulloch and Pitts (1943), "A logical calculus of the ideas immanent in nervous
    activity".
    """

    name: ClassVar[str] = "step"
    aliases: ClassVar[tuple[str, ...]] = ("binary_step", "heaviside")

    @property
    def steepest(self) -> float:
        return 0.0

    @property
    def bounds(self) -> tuple[float, float]:
        return (0.0, 1.0)

    def value_into(self, x: Array, out: Array) -> None:
        np.heaviside(x, 0, out=out)

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        out[...] = 0

    def saturated(self, slopes: Array) -> np.ndarray[Any, Any]:
        return np.ones(slopes.shape, bool)
