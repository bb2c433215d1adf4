"""A straight boundary in the plane, and the points that change sides when its weights move."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.claims.measures.base import Exact, Series
from actlab.claims.measures.plane import line, outline
from actlab.randomness import generator

SHOWN = 3
"""Moved boundaries in the picture."""
REACH = 4.0
"""Half the length of a boundary in the picture, where each class has a std of a half."""


class FlipsInPlane(Exact):
    """Share of points on another side of a linear boundary after its weights moved at random.

    Two classes N(c + u, 1/4) and N(c - u, 1/4), where u is a unit vector and the centre c lies
    `offset` from the origin, across u, so that neither class is nearer. The boundary w x + b = 0
    with w = u, b = -w c parts them best. Each component of w moves by N(0, s^2), with s = `noise`
    times the root mean square of w; b stays. Mean over `draws`. The picture has the outlines of
    both classes, the boundary, and some of the moved ones.

    Source: CS231n (Johnson, Yeung, Li), lecture on training neural networks, whose picture of data
    before and after normalization this is.
    """

    name: ClassVar[str] = "flips_in_plane"
    drawn: ClassVar[bool] = True
    offset: float = Field(0.0, ge=0, description="distance of the cloud's centre from the origin")
    noise: float = Field(0.1, ge=0, description="std of a weight's move, in parts of their RMS")
    examples: int = Field(200, ge=6, le=10_000, description="points, half of each class")
    draws: int = Field(100, ge=1, le=10_000, description="moves of the weights")

    @property
    def label(self) -> str:
        return f"share of points that change sides, centre {self.offset:g} from the origin"

    def value(self, seed: int) -> float:
        x, centre, w, moved = self._drawn(seed)
        before, after = (x - centre) @ w > 0, x @ moved.T - centre @ w > 0
        return float((after != before[:, None]).mean())

    def series(self, seed: int) -> list[tuple[str, Series]]:
        x, centre, w, moved = self._drawn(seed)
        half, b = len(x) // 2, float(-centre @ w)
        found = [("class 1", outline(x[:half])), ("class 2", outline(x[half:]))]
        found.append(("boundary", line(w, b, near=centre, reach=REACH)))
        for n, other in enumerate(moved[:SHOWN]):
            found.append((f"moved {n + 1}", line(other, b, near=centre, reach=REACH)))
        return found

    def _drawn(self, seed: int) -> tuple[Array, Array, Array, Array]:
        """Points (examples, 2), the centre (2,), weights (2,) and moved weights (draws, 2)."""
        rng = generator(seed, "probes")
        turn = rng.uniform(0, 2 * np.pi)
        w = np.array([np.cos(turn), np.sin(turn)])
        centre = self.offset * np.array([-w[1], w[0]])
        side = np.where(np.arange(self.examples) < self.examples // 2, 1.0, -1.0)
        x = centre + side[:, None] * w + 0.5 * rng.standard_normal((self.examples, 2))
        spread = self.noise * float(np.sqrt(np.square(w).mean()))
        return x, centre, w, w + spread * rng.standard_normal((self.draws, 2))
