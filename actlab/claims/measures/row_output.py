"""What an activation makes of a given row: one unit's output, the entropy, the weighted mean."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from pydantic import Field, field_validator, model_validator

from actlab.arrays import Array
from actlab.claims.measures.base import Exact, Series, Unmeasured
from actlab.claims.measures.curve import described
from actlab.nn.activations import Activation

SCALES = np.logspace(-3, 3, 61)


class OfRow(Exact):
    """A number of f(x) for one row x."""

    activation: Activation = Field(description="f")
    x: tuple[float, ...] = Field(description="the row that f is given")

    @field_validator("x")
    @classmethod
    def _some_units(cls, x: Any) -> Any:
        if not x:
            raise ValueError("name at least one number")
        return x

    def outputs(self, scale: float = 1.0) -> Array:
        """f(scale * x)."""
        if len(self.x) % self.activation.widening:
            raise Unmeasured(
                f"{self.activation.name} needs a multiple of {self.activation.widening}"
            )
        return self.activation.value(scale * np.array(self.x))

    def over_scales(self, of_scale: Any) -> list[tuple[str, Series]]:
        """The number over factors of x, which for softmax are inverse temperatures."""
        y = [float(of_scale(float(scale))) for scale in SCALES]
        curve = Series(SCALES.tolist(), y, "factor of x", logarithmic_x=True)
        return [(described(self.activation), curve)]


class UnitOutput(OfRow):
    """f(x)_i for a row x, i counted from 0.

    Source: DS-GA 1008 (Canziani and LeCun, 2020), lecture 11-1.
    """

    name: ClassVar[str] = "unit_output"
    unit: int = Field(0, ge=0, description="i")

    @model_validator(mode="after")
    def _has_that_unit(self) -> Self:
        if self.unit >= len(self.x) // self.activation.widening:
            raise ValueError(f"there is no unit {self.unit}; the first is 0")
        return self

    @property
    def label(self) -> str:
        row = ", ".join(f"{number:g}" for number in self.x)
        return f"{described(self.activation)} of ({row}), unit {self.unit}"

    def value(self, seed: int) -> float:
        return float(self.outputs()[self.unit])

    def series(self, seed: int) -> list[tuple[str, Series]]:
        outputs = self.outputs()
        curve = Series(list(range(outputs.size)), outputs.tolist(), "unit")
        return [(described(self.activation), curve)]


class RowEntropy(OfRow):
    """-sum_i p_i ln p_i, in nats, of the shares p = |f(x)| / sum |f(x)| of a row: ln n if uniform.

    Source: Shannon (1948), "A mathematical theory of communication".
    """

    name: ClassVar[str] = "row_entropy"

    @property
    def label(self) -> str:
        return f"entropy of {described(self.activation)} over a row"

    def value(self, seed: int) -> float:
        return self._entropy(1.0)

    def series(self, seed: int) -> list[tuple[str, Series]]:
        return self.over_scales(self._entropy)

    def _entropy(self, scale: float) -> float:
        p = np.abs(self.outputs(scale))
        if not p.sum() > 0:
            raise Unmeasured(f"{self.activation.name} is zero on the whole row")
        p = p[p > 0] / p.sum()
        return float(-(p * np.log(p)).sum())


class WeightedMean(OfRow):
    """sum_i f(x)_i x_i: with softmax, from the mean of x (temperature high) to its maximum (low).

    Source: Bahdanau, Cho and Bengio (2014), "Neural machine translation by jointly learning to
    align and translate", arXiv 1409.0473, on softmax as the weights of a mean.
    """

    name: ClassVar[str] = "weighted_mean"

    @property
    def label(self) -> str:
        return f"mean of a row, weighted by {described(self.activation)}"

    def value(self, seed: int) -> float:
        return self._mean(1.0)

    def series(self, seed: int) -> list[tuple[str, Series]]:
        return self.over_scales(self._mean)

    def _mean(self, scale: float) -> float:
        outputs = self.outputs(scale)
        if outputs.size != len(self.x):
            raise Unmeasured(f"{self.activation.name} has fewer outputs than inputs")
        return float(outputs @ np.array(self.x))
