"""What normalization layers share: a learned scale and shift, and a place in the hidden layer."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.config import Part
from actlab.nn.layer import Layer, Memory


class Norm(Part, Layer):
    """A layer that standardizes its input, then scales and shifts it by learned numbers."""

    family: ClassVar[str] = "norm"

    position: Literal["before", "after"] = Field("before", description="of the activation")
    epsilon: float = Field(1e-5, gt=0, description="added to every variance")

    def claim(self, n_in: int, m: Memory) -> int:
        m.parameter("scale", (n_in,), decays=False)
        m.parameter("shift", (n_in,), decays=False)
        m.rows("standardized", n_in)
        m.rows("y", n_in)
        m.scratch("product", n_in)
        return n_in

    def initialize(self, m: Memory, rng: np.random.Generator) -> None:
        m.scale[...] = 1
        m.shift[...] = 0

    def scaled(self, m: Memory) -> Array:
        """y = scale standardized + shift."""
        np.multiply(m.standardized, m.scale, out=m.y)
        return np.add(m.y, m.shift, out=m.y)

    def assign_gradients(self, dy: Array, m: Memory) -> None:
        """Gradients of scale and shift, sums over the batch."""
        np.matmul(m.ones, np.multiply(dy, m.standardized, out=m.product), out=m.dscale)
        np.matmul(m.ones, dy, out=m.dshift)
