"""The slope of an activation at a point, and its jump there."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.claims.measures.base import Exact, Series
from actlab.claims.measures.curve import OnNumbers, described, slope, value

BESIDE = 1e-9
"""How far from a point its sides are taken, as a share of its size."""
SHOWN = 401


class Slope(Exact):
    """f'(x) at x = `at`; at a kink, the slope that backward uses.

    Source: CS231n (2017), lecture 6, on the local gradient of a unit.
    """

    name: ClassVar[str] = "slope"
    activation: OnNumbers = Field(description="f")
    at: float = Field(0.0, description="x")

    @property
    def label(self) -> str:
        return f"slope of {described(self.activation)} at {self.at:g}"

    def value(self, seed: int) -> float:
        return float(slope(self.activation, np.array([self.at]))[0])

    def series(self, seed: int) -> list[tuple[str, Series]]:
        reach = max(5.0, 1.2 * abs(self.at))
        x = np.linspace(-reach, reach, SHOWN)
        curves = {"f(x)": value(self.activation, x), "f'(x)": slope(self.activation, x)}
        return [(name, Series(x.tolist(), y.tolist(), "x")) for name, y in curves.items()]


class SlopeJump(Exact):
    """f'(x+) - f'(x-), the slopes a relative 1e-9 to the right and to the left of x = `at`.

    Source: Clevert, Unterthiner and Hochreiter (2015), "Fast and accurate deep network learning by
    exponential linear units (ELUs)", arXiv 1511.07289, on the choice alpha = 1.
    """

    name: ClassVar[str] = "slope_jump"
    activation: OnNumbers = Field(description="f")
    at: float = Field(0.0, description="x")

    @property
    def label(self) -> str:
        return f"jump of the slope of {described(self.activation)} at {self.at:g}"

    def value(self, seed: int) -> float:
        h = BESIDE * max(1.0, abs(self.at))
        left, right = slope(self.activation, np.array([self.at - h, self.at + h]))
        return float(right - left)

    def series(self, seed: int) -> list[tuple[str, Series]]:
        x = np.linspace(self.at - 3, self.at + 3, SHOWN)
        return [("f'(x)", Series(x.tolist(), slope(self.activation, x).tolist(), "x"))]
