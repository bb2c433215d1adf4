"""Tanhshrink: what tanh takes away."""

from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.activations.base import Elementwise

NEAR = 1.5


class TanhShrink(Elementwise):
    """f(x) = x - tanh(x), x^3 / 3 near zero; f' = tanh(x)^2.

    Source: Collobert, Kavukcuoglu and Farabet (2011), "Torch7: a Matlab-like environment for
    machine learning", whose nn package has it.
    """

    name: ClassVar[str] = "tanhshrink"

    def value_into(self, x: Array, out: Array) -> None:
        # f(x) = f(near) + (x - near) - (tanh x - tanh near), the last two exactly 0 near zero
        near = np.clip(x, -NEAR, NEAR)
        np.subtract(np.tanh(x, out=out), np.tanh(near), out=out)
        np.subtract(np.subtract(x, near), out, out=out)
        np.add(out, without_cancellation(near), out=out)

    def slope_into(self, x: Array, y: Array, out: Array) -> None:
        np.square(np.tanh(x, out=out), out=out)


def without_cancellation(x: Array) -> Array:
    """x - tanh(x) = x r / (1 + r) with r = x^2 / (3 + x^2 / (5 + x^2 / (7 + ...))), |x| <= 1.5.

    Source: Lambert (1768), the continued fraction of tanh.
    """
    z = x * x
    deepest = 13 if x.dtype == np.float32 else 23
    r = z / deepest
    for odd in range(deepest - 2, 1, -2):
        np.divide(z, np.add(r, odd, out=r), out=r)
    np.divide(r, np.add(r, 1, out=z), out=r)
    return np.multiply(r, x, out=r)
