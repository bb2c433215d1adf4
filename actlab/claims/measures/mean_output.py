"""What an activation makes of normal inputs: their mean, and the share on which it is flat."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.claims.measures.base import Exact, Series
from actlab.claims.measures.curve import OnNumbers, described, slope
from actlab.nn.expectations import mean_value

REACH, POINTS = 9.0, 180_001
"""Standard deviations, and points: a panel of 1e-4 standard deviations each."""
SPREADS = np.logspace(-1, 1, 21)


class MeanOutput(Exact):
    """E[f(z)], z ~ N(mean, std^2), by quadrature that ends its panels at the kinks of f.

    Source: LeCun, Bottou, Orr and Mueller (1998), "Efficient BackProp", section 4.4, on sigmoids
    whose outputs have mean zero.
    """

    name: ClassVar[str] = "mean_output"
    activation: OnNumbers = Field(description="f")
    mean: float = Field(0.0, description="of the inputs")
    std: float = Field(1.0, ge=0, description="of the inputs")

    @property
    def label(self) -> str:
        return f"mean output of {described(self.activation)} on N({self.mean:g}, {self.std:g}²)"

    def value(self, seed: int) -> float:
        return mean_value(self.activation, self.mean, self.std**2)

    def series(self, seed: int) -> list[tuple[str, Series]]:
        means = [mean_value(self.activation, self.mean, float(std) ** 2) for std in SPREADS]
        curve = Series(SPREADS.tolist(), means, "std of the input", logarithmic_x=True)
        return [(described(self.activation), curve)]


class FlatShare(Exact):
    """P(|f'(z)| <= below max |f'|), z ~ N(mean, std^2): at below = 0, where nothing passes back.

    Source: Glorot, Bordes and Bengio (2011), "Deep sparse rectifier neural networks".
    """

    name: ClassVar[str] = "flat_share"
    activation: OnNumbers = Field(description="f")
    mean: float = Field(0.0, description="of the inputs")
    std: float = Field(1.0, gt=0, description="of the inputs")
    below: float = Field(0.0, ge=0, lt=1, description="share of the steepest slope")

    @property
    def label(self) -> str:
        flat = f"at most {self.below:g} of the steepest" if self.below else "exactly 0"
        return f"share of inputs where the slope of {described(self.activation)} is {flat}"

    def value(self, seed: int) -> float:
        # the middles of panels, so that no point lies on a kink
        t = (np.linspace(-REACH, REACH, POINTS)[1:] + np.linspace(-REACH, REACH, POINTS)[:-1]) / 2
        density = np.exp(-t * t / 2)
        slopes = np.abs(slope(self.activation, self.mean + self.std * t))
        flat = slopes <= self.below * self.activation.steepest
        return float(density[flat].sum() / density.sum())

    def series(self, seed: int) -> list[tuple[str, Series]]:
        x = np.linspace(self.mean - 4 * self.std, self.mean + 4 * self.std, 401)
        return [("f'(x)", Series(x.tolist(), slope(self.activation, x).tolist(), "x"))]
