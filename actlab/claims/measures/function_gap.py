"""How far two functions are apart."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from actlab.arrays import Array
from actlab.claims.measures.base import Exact, Series
from actlab.claims.measures.curve import Curves, total

POINTS = 4001
SHOWN = 401


class FunctionGap(Exact):
    """max |g(x) - h(x)| over 4001 points from `low` to `high` and all kinks, or over `at` alone.

    g and h are sums of curves offset + output_scale * f(input_scale * x). With `at`, activations
    across the units of a layer take these numbers as one row.

    Source: the supremum norm, as in Cybenko (1989), "Approximation by superpositions of a
    sigmoidal function".
    """

    name: ClassVar[str] = "function_gap"
    of: Curves = Field(description="g: a curve, or a list of curves to add")
    to: Curves = Field(description="h, likewise")
    low: float = Field(-10.0, description="least x")
    high: float = Field(10.0, description="largest x")
    at: tuple[float, ...] = Field((), description="these x alone, instead of a range")

    @model_validator(mode="after")
    def _some_range(self) -> Self:
        if self.low >= self.high:
            raise ValueError("low must be below high")
        return self

    @property
    def label(self) -> str:
        of, to = (" + ".join(map(str, curves)) for curves in (self.of, self.to))
        return f"largest difference of {of} and {to}"

    def value(self, seed: int) -> float:
        x = self._points()
        return float(np.abs(total(self.of, x) - total(self.to, x)).max())

    def series(self, seed: int) -> list[tuple[str, Series]]:
        x = self._points(SHOWN)
        shown, along = (np.arange(x.size), "unit") if self.at else (x, "x")
        named = {" + ".join(map(str, curves)): curves for curves in (self.of, self.to)}
        return [
            (name, Series(shown.tolist(), total(curves, x).tolist(), along))
            for name, curves in named.items()
        ]

    def _points(self, number: int = POINTS) -> Array:
        if self.at:
            return np.array(self.at)
        kinks = [kink for curve in (*self.of, *self.to) for kink in curve.kinks]
        inside = [kink for kink in kinks if self.low < kink < self.high]
        return np.unique(np.concatenate([np.linspace(self.low, self.high, number), inside]))
