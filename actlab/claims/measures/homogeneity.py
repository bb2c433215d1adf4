"""How far a function is from commuting with scaling."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field, field_validator

from actlab.claims.measures.base import Exact, Series
from actlab.claims.measures.curve import described
from actlab.nn.activations import Activation

REACH, POINTS = 10.0, 2001
SHOWN = np.logspace(-2, 2, 41)


class HomogeneityError(Exact):
    """max |f(kx) - k f(x)| / max(|f(kx)|, |k f(x)|) over `factors` k and x from -10 to 10.

    0 for functions of one kink at zero, linear on both sides. Activations across the units of a
    layer take all x as one row, those of several pieces take other numbers for each.

    Source: DS-GA 1008 (Canziani and LeCun, 2020), lecture 11-1, on functions of one kink.
    """

    name: ClassVar[str] = "homogeneity_error"
    activation: Activation = Field(description="f")
    factors: tuple[float, ...] = Field((0.01, 0.1, 10.0, 100.0), description="k, above 0")

    @field_validator("factors")
    @classmethod
    def _positive(cls, factors: tuple[float, ...]) -> tuple[float, ...]:
        if not factors or min(factors) <= 0:
            raise ValueError("name at least one factor, all above 0")
        return factors

    @property
    def label(self) -> str:
        return f"relative error of f(kx) = k f(x), {described(self.activation)}"

    def value(self, seed: int) -> float:
        return max(map(self._error, self.factors))

    def series(self, seed: int) -> list[tuple[str, Series]]:
        errors = [self._error(k) for k in SHOWN]
        curve = Series(SHOWN.tolist(), errors, "k", logarithmic_x=True)
        return [(described(self.activation), curve)]

    def _error(self, k: float) -> float:
        f, x = self.activation, np.linspace(-REACH, REACH, POINTS)
        x = np.concatenate([x * (-0.5) ** piece for piece in range(f.widening)])
        inside, outside = f.value(k * x), k * f.value(x)
        largest = np.maximum(np.abs(inside), np.abs(outside))
        return float((np.abs(inside - outside) / np.where(largest > 0, largest, 1)).max())
