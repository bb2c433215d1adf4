"""How far a function is from commuting with scaling."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field, field_validator

from actlab.claims.measures.base import Exact, Series
from actlab.claims.measures.curve import as_tuple, described, one_or_several
from actlab.nn.activations import Activation

REACH, POINTS = 10.0, 2001
SHOWN = np.logspace(-2, 2, 41)

Several = Annotated[
    tuple[Activation, ...], BeforeValidator(as_tuple), Field(json_schema_extra=one_or_several)
]


class HomogeneityError(Exact):
    """max |f(kx) - k f(x)| / max(|f(kx)|, |k f(x)|) over `factors` k and x from -10 to 10.

    Of several functions, the largest or the least such error. 0 for functions of one kink at zero,
    linear on both sides. Activations across the units of a layer take all x as one row, those of
    several pieces take other numbers for each.

    Source: DS-GA 1008 (Canziani and LeCun, 2020), lecture 11-1, on functions of one kink.
    """

    name: ClassVar[str] = "homogeneity_error"
    activation: Several = Field(description="f, or a list of functions")
    count: Literal["largest", "least"] = Field("largest", description="which of several counts")
    factors: tuple[float, ...] = Field((0.01, 0.1, 10.0, 100.0), description="k, above 0")

    @field_validator("activation")
    @classmethod
    def _some_function(cls, activation: tuple[Activation, ...]) -> tuple[Activation, ...]:
        if not activation:
            raise ValueError("name at least one activation")
        return activation

    @field_validator("factors")
    @classmethod
    def _positive(cls, factors: tuple[float, ...]) -> tuple[float, ...]:
        if not factors or min(factors) <= 0:
            raise ValueError("name at least one factor, all above 0")
        return factors

    @property
    def label(self) -> str:
        names = ", ".join(map(described, self.activation))
        which = f"{self.count} " if len(self.activation) > 1 else ""
        return f"{which}relative error of f(kx) = k f(x), {names}"

    def value(self, seed: int) -> float:
        errors = [max(_error(f, k) for k in self.factors) for f in self.activation]
        return max(errors) if self.count == "largest" else min(errors)

    def series(self, seed: int) -> list[tuple[str, Series]]:
        return [
            (
                described(f),
                Series(SHOWN.tolist(), [_error(f, k) for k in SHOWN], "k", logarithmic_x=True),
            )
            for f in self.activation
        ]


def _error(f: Activation, k: float) -> float:
    x = np.linspace(-REACH, REACH, POINTS)
    x = np.concatenate([x * (-0.5) ** piece for piece in range(f.widening)])
    inside, outside = f.value(k * x), k * f.value(x)
    largest = np.maximum(np.abs(inside), np.abs(outside))
    return float((np.abs(inside - outside) / np.where(largest > 0, largest, 1)).max())
