"""Gradient checks: of every registered part in a network, and of one function of one number."""

from __future__ import annotations

from functools import cache
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.checking import check_parts
from actlab.claims.measures.base import Exact, Series, Unmeasured
from actlab.claims.measures.curve import OnNumbers, described, slope, value
from actlab.nn.gradcheck import STEP, relative_error
from actlab.randomness import generator

Checked = Literal["activation", "initializer", "norm", "loss", "regularizer", "residual", "all"]
CLEAR = 10
"""Steps that points keep from kinks."""


class GradientCheck(Exact):
    """The largest max |a - n| / max(|a|, |n|) over the parameters of small networks, one for each
    registered part of a family: a the analytic gradient of the loss, n its centred difference.

    In float64, h = 1e-5. Elements whose step crosses a kink are left out.

    Source: CS231n course notes (Karpathy, 2015), "Gradient checks".
    """

    name: ClassVar[str] = "gradient_check"
    of: Checked = Field("all", description="family of the parts that are checked")

    @property
    def label(self) -> str:
        return f"largest relative error of gradients, parts: {self.of}"

    def value(self, seed: int) -> float:
        return max(self._errors().values())

    def series(self, seed: int) -> list[tuple[str, Series]]:
        errors = sorted(self._errors().values())
        ranks = list(range(1, len(errors) + 1))
        return [(self.of, Series(ranks, errors, "part, by its error", logarithmic=True))]

    def _errors(self) -> dict[str, float]:
        every = _errors_of_parts()
        return {k: v for k, v in every.items() if self.of == "all" or k.startswith(self.of)}


@cache
def _errors_of_parts() -> dict[str, float]:
    return {title: max(finding.error for finding in findings) for title, findings in check_parts()}


class DerivativeError(Exact):
    """|a - n| / max(|a|, |n|) for the mean of f(x_i + b) over `points` x_i ~ N(0, 1), at b = 0.

    a is the mean slope, n = (L(h) - L(-h)) / 2h. Points keep away from kinks, but for `at_kinks`
    of them, which lie on the first. `wrong_by` plants an error: a is larger by that share.

    Source: CS231n course notes (Karpathy, 2015), "Gradient checks".
    """

    name: ClassVar[str] = "derivative_error"
    drawn: ClassVar[bool] = True
    activation: OnNumbers = Field(description="f")
    points: int = Field(1000, ge=1, le=10_000_000, description="examples that share b")
    at_kinks: int = Field(0, ge=0, description="how many lie on a kink")
    wrong_by: float = Field(0.0, description="share that the slope is made wrong by")
    step: float = Field(STEP, gt=0, description="h")
    dtype: Literal["float32", "float64"] = Field("float64", description="precision of the loss")

    @property
    def label(self) -> str:
        kinks = f", {self.at_kinks} of {self.points:,} points at a kink" if self.at_kinks else ""
        wrong = f", slope {self.wrong_by:+.3g}" if self.wrong_by else ""
        return f"relative error of the slope of {described(self.activation)}{kinks}{wrong}"

    def value(self, seed: int) -> float:
        return self._error(self._points(seed), self.step)

    def series(self, seed: int) -> list[tuple[str, Series]]:
        steps, x = np.logspace(-9, -1, 33), self._points(seed)
        errors = [self._error(x, float(h)) for h in steps]
        curve = Series(steps.tolist(), errors, "h", logarithmic=True, logarithmic_x=True)
        return [(described(self.activation), curve)]

    def _error(self, x: Array, h: float) -> float:
        f, moved = self.activation, x.dtype.type(h)
        above, below = (value(f, x + side).mean() for side in (moved, -moved))
        analytic = float(slope(f, x).mean()) * (1 + self.wrong_by)
        numerical = (float(above) - float(below)) / (2 * h)
        return relative_error(np.array([analytic]), np.array([numerical]))

    def _points(self, seed: int) -> Array:
        x = generator(seed, "probes").normal(size=self.points)
        kinks = list(self.activation.kinks)
        if self.at_kinks and not kinks:
            raise Unmeasured(f"{self.activation.name} has no kink")
        if self.at_kinks > self.points:
            raise Unmeasured(f"there are only {self.points} points to lie on a kink")
        for kink in kinks:
            x[np.abs(x - kink) < CLEAR * self.step] += 2 * CLEAR * self.step
        x[: self.at_kinks] = kinks[0] if kinks else 0
        return x.astype(self.dtype)
