"""A random gate, averaged, against the smooth function that is its expectation."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator

from actlab.arrays import Array
from actlab.claims.measures.base import Exact, Series
from actlab.claims.measures.curve import OnNumbers, described, value
from actlab.randomness import generator


class GateGap(Exact):
    """max over `x` of |mean of x B - f(x)|, B = 1 with probability Phi(x), over `samples` draws.

    B is drawn as the event that noise lies below x: normal noise, whose distribution function Phi
    gives GELU, or logistic noise, whose sigmoid gives SiLU.

    Source: Hendrycks and Gimpel (2016), "Gaussian error linear units (GELUs)", arXiv 1606.08415.
    """

    name: ClassVar[str] = "gate_gap"
    drawn: ClassVar[bool] = True
    activation: OnNumbers = Field(description="f")
    gate: Literal["normal", "logistic"] = Field(
        "normal", description="noise that x is held against"
    )
    x: tuple[float, ...] = Field((-2.0, -1.0, -0.5, 0.5, 1.0, 2.0), description="inputs")
    samples: int = Field(100_000, ge=1, le=100_000_000, description="draws of each gate")

    @field_validator("x")
    @classmethod
    def _some_inputs(cls, x: tuple[float, ...]) -> tuple[float, ...]:
        if not x:
            raise ValueError("name at least one number")
        return x

    @property
    def label(self) -> str:
        return f"largest difference of {described(self.activation)} and a gated x, averaged"

    def value(self, seed: int) -> float:
        return float(np.abs(self._averages(seed) - value(self.activation, np.array(self.x))).max())

    def series(self, seed: int) -> list[tuple[str, Series]]:
        formula = value(self.activation, np.array(self.x))
        curves = {"mean of x B": self._averages(seed), described(self.activation): formula}
        return [(name, Series(self.x, y.tolist(), "x")) for name, y in curves.items()]

    def _averages(self, seed: int) -> Array:
        rng = generator(seed, "probes")
        draw = rng.normal if self.gate == "normal" else rng.logistic
        return np.array([x * np.mean(draw(size=self.samples) < x) for x in self.x])
