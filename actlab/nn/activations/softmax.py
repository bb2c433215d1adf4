"""Softmax."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.nn.activations.rows import Rows, softmax_into, softmax_pull
from actlab.nn.layer import Memory


class Softmax(Rows):
    """f(x)_i = exp(x_i / T) / sum_j exp(x_j / T), with temperature T = 1 / beta, over a row.

    T to 0 gives the argmax, T to infinity the uniform distribution. With `anneal_to` T goes from
    `temperature` before the first step to `anneal_to` after the last, geometrically: at the share p
    of training T = temperature (anneal_to / temperature)^p, in evaluation too. As a function of any
    array it has the first temperature.

    Source: Bridle (1990), "Probabilistic interpretation of feedforward classification network
    outputs, with relationships to statistical pattern recognition"; annealing: Jang, Gu and Poole
    (2016), "Categorical reparameterization with Gumbel-softmax", arXiv 1611.01144.
    """

    name: ClassVar[str] = "softmax"
    aliases: ClassVar[tuple[str, ...]] = ("softargmax",)

    temperature: float = Field(1.0, gt=0, description="divides x: small is hard, large is uniform")
    anneal_to: float | None = Field(None, gt=0, description="temperature at the end of training")

    @property
    def steepest(self) -> float:
        return 0.25 / self.temperature

    @property
    def bounds(self) -> tuple[float, float]:
        return (0.0, 1.0)

    def now(self, m: Memory) -> Softmax:
        if self.anneal_to is None:
            return self
        cooling = (self.anneal_to / self.temperature) ** float(m.progress[0])
        return Softmax(temperature=self.temperature * cooling)

    def claim(self, n_in: int, m: Memory) -> int:
        if self.anneal_to is not None:
            m.state("progress", (1,), 0.0)
        return super().claim(n_in, m)

    def forward(self, x: Array, m: Memory) -> Array:
        return Rows.forward(self.now(m), x, m)

    def backward(self, dy: Array, m: Memory) -> Array:
        return Rows.backward(self.now(m), dy, m)

    def slopes(self, m: Memory) -> Array:
        return Rows.slopes(self.now(m), m)

    def rows_into(self, x: Array, out: Array) -> None:
        softmax_into(x, out, self.temperature)

    def pull(self, y: Array, dy: Array) -> None:
        softmax_pull(y, dy)
        if self.temperature != 1:
            np.divide(dy, self.temperature, out=dy)

    def diagonal_into(self, y: Array, out: Array) -> None:
        np.multiply(y, np.subtract(1, y, out=out), out=out)
        np.divide(out, self.temperature, out=out)
