"""Softsign."""

from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations.base import Elementwise


class Softsign(Elementwise):
    """f(x) = x / (1 + |x|); f' = 1 / (1 + |x|)^2: a sigmoid with slow, polynomial ends.

    Source: Bergstra, Desjardins, Lamblin and Bengio (2009), "Quadratic polynomials learn better
    image features"; Glorot and Bengio (2010) compare it with tanh.
    """

    name: ClassVar[str] = "softsign"

    @property
    def bounds(self) -> tuple[float, float]:
        return (-1.0, 1.0)

    def value_into(self, x: Array, out: Array) -> None:
        largest = np.finfo(x.dtype).max
        np.clip(x, -largest, largest, out=out)
        np.divide(out, np.add(np.abs(out), 1), out=out)

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        np.divide(1, np.add(np.abs(x, out=out), 1, out=out), out=out)
        np.multiply(out, out, out=out)
