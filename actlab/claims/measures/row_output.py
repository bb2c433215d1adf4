"""What an activation makes of a given row: its outputs, their entropy, the mean they weight."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Self

import numpy as np
from pydantic import Field, field_validator, model_validator

from actlab.arrays import Array
from actlab.claims.measures.base import Exact, Series, Unmeasured
from actlab.claims.measures.curve import described
from actlab.nn.activations import Activation

SCALES = np.logspace(-3, 3, 61)


class OfRow(Exact):
    """A number of f(scale * x) for one row x; the curve behind it is over scales."""

    activation: Activation = Field(description="f")
    x: tuple[float, ...] = Field(description="the row")
    scale: float = Field(1.0, gt=0, description="factor of the row: beta, if f is softmax")

    @field_validator("x")
    @classmethod
    def _some_units(cls, x: tuple[float, ...]) -> tuple[float, ...]:
        if not x:
            raise ValueError("name at least one number")
        return x

    @abstractmethod
    def of_outputs(self, y: Array) -> float:
        """The number, given y = f(scale * x)."""

    def outputs(self, scale: float) -> Array:
        """f(scale * x)."""
        pieces = self.activation.widening
        if len(self.x) % pieces:
            raise Unmeasured(f"{self.activation.name} takes a multiple of {pieces} numbers")
        return self.activation.value(scale * np.array(self.x))

    def value(self, seed: int) -> float:
        return self.of_outputs(self.outputs(self.scale))

    def series(self, seed: int) -> list[tuple[str, Series]]:
        y = [self.of_outputs(self.outputs(float(scale))) for scale in SCALES]
        curve = Series(SCALES.tolist(), y, "scale", logarithmic_x=True)
        return [(described(self.activation), curve)]


class RowGap(OfRow):
    """max_i |f(scale * x)_i - expected_i| for a row x.

    Source: DS-GA 1008 (Canziani and LeCun, 2020), lecture 11-1, which gives softmax by example.
    """

    name: ClassVar[str] = "row_gap"
    expected: tuple[float, ...] = Field(description="what the outputs should be")

    @model_validator(mode="after")
    def _one_for_each_output(self) -> Self:
        outputs = len(self.x) // self.activation.widening
        if len(self.expected) != outputs:
            raise ValueError(f"expected: {len(self.expected)} numbers for {outputs} outputs")
        return self

    @property
    def label(self) -> str:
        x, expected = (", ".join(f"{v:g}" for v in row) for row in (self.x, self.expected))
        return f"largest difference of {described(self.activation)} of ({x}) and ({expected})"

    def of_outputs(self, y: Array) -> float:
        return float(np.abs(y - np.array(self.expected)).max())

    def series(self, seed: int) -> list[tuple[str, Series]]:
        units, outputs = list(range(len(self.expected))), self.outputs(self.scale)
        curves = {described(self.activation): outputs.tolist(), "expected": self.expected}
        return [(name, Series(units, y, "unit")) for name, y in curves.items()]


class RowEntropy(OfRow):
    """-sum_i p_i ln p_i, in nats, of the shares p = |y| / sum |y| of y = f(scale * x).

    ln n for n equal outputs, 0 for a single one.

    Source: Shannon (1948), "A mathematical theory of communication".
    """

    name: ClassVar[str] = "row_entropy"

    @property
    def label(self) -> str:
        return f"entropy of {described(self.activation)} over a row, scale {self.scale:g}"

    def of_outputs(self, y: Array) -> float:
        p = np.abs(y)
        if not p.sum() > 0:
            raise Unmeasured(f"{self.activation.name} is zero on the whole row")
        p = p[p > 0] / p.sum()
        return float(-(p * np.log(p)).sum())


class WeightedMean(OfRow):
    """sum_i y_i x_i, y = f(scale * x): with softmax, the mean of x at scale 0, its maximum far up.

    Source: Bahdanau, Cho and Bengio (2014), "Neural machine translation by jointly learning to
    align and translate", arXiv 1409.0473, on softmax as the weights of a mean.
    """

    name: ClassVar[str] = "weighted_mean"

    @property
    def label(self) -> str:
        return f"mean of a row, weighted by {described(self.activation)}, scale {self.scale:g}"

    def of_outputs(self, y: Array) -> float:
        if y.size != len(self.x):
            raise Unmeasured(f"{self.activation.name} has fewer outputs than inputs")
        return float(y @ np.array(self.x))
