"""Layer normalization."""

from typing import ClassVar

import numpy as np

from actlab.arrays import Array
from actlab.nn.layer import Memory
from actlab.nn.norms.base import Norm


class LayerNorm(Norm):
    """y = scale (x - mean) / sqrt(var + epsilon) + shift, mean and var over an example's units.

    Source: Ba, Kiros and Hinton (2016), "Layer normalization", arXiv 1607.06450.
    """

    name: ClassVar[str] = "layer_norm"

    def claim(self, n_in: int, m: Memory) -> int:
        m.rows("inverse", 1)
        return super().claim(n_in, m)

    def forward(self, x: Array, m: Memory) -> Array:
        np.subtract(x, x.mean(axis=1, keepdims=True), out=m.standardized)
        var = np.square(m.standardized, out=m.product).mean(axis=1, keepdims=True)
        np.divide(1, np.sqrt(var + x.dtype.type(self.epsilon)), out=m.inverse)
        np.multiply(m.standardized, m.inverse, out=m.standardized)
        return self.scaled(m)

    def backward(self, dy: Array, m: Memory) -> Array:
        self.assign_gradients(dy, m)
        np.multiply(dy, m.scale, out=dy)
        along = np.multiply(dy, m.standardized, out=m.product).mean(axis=1, keepdims=True)
        dy -= dy.mean(axis=1, keepdims=True)
        dy -= np.multiply(m.standardized, along, out=m.product)
        return np.multiply(dy, m.inverse, out=dy)
