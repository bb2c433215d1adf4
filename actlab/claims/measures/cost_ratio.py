"""What an activation costs beside another, timed here and now."""

from __future__ import annotations

import time
from statistics import median
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.claims.measures.base import Exact, Series
from actlab.claims.measures.curve import described
from actlab.nn.activations import Activation
from actlab.nn.activations.relu import ReLU
from actlab.nn.layer import Workspace
from actlab.randomness import generator

WARM_UP = 5


class CostRatio(Exact):
    """Median over rounds of the time of forward and backward of f, over that of `to`.

    Both layers, of (batch, units) float32 inputs from N(0, 1), take turns, so that whatever else
    slows the machine slows both. A seed is a repetition.

    Source: Krizhevsky, Sutskever and Hinton (2012), "ImageNet classification with deep
    convolutional neural networks", section 3.1, on the cost of saturating units.
    """

    name: ClassVar[str] = "cost_ratio"
    drawn: ClassVar[bool] = True
    activation: Activation = Field(description="f")
    to: Activation = Field(default_factory=ReLU, description="what its time is divided by")
    batch: int = Field(128, ge=1, le=100_000, description="rows")
    units: int = Field(512, ge=1, le=100_000, description="outputs of the layer")
    rounds: int = Field(200, ge=1, le=100_000, description="pairs of timings")

    @property
    def label(self) -> str:
        return f"time of {described(self.activation)} / {described(self.to)}, forward and backward"

    def value(self, seed: int) -> float:
        return median(self._ratios(seed))

    def series(self, seed: int) -> list[tuple[str, Series]]:
        ratios = sorted(self._ratios(seed))
        shares = [(rank + 0.5) / len(ratios) for rank in range(len(ratios))]
        return [(described(self.activation), Series(shares, ratios, "share of the rounds"))]

    def _ratios(self, seed: int) -> list[float]:
        layers = [_Layer(f, self.batch, self.units, seed) for f in (self.activation, self.to)]
        rounds = [[layer.seconds() for layer in layers] for _ in range(WARM_UP + self.rounds)]
        return [ours / theirs for ours, theirs in rounds[WARM_UP:]]


class _Layer:
    """An activation at work, with memory of its own."""

    def __init__(self, f: Activation, batch: int, units: int, seed: int) -> None:
        workspace = Workspace(np.float32)
        self.f, self.memory = f, workspace.memory("timed")
        n_out = f.claim(units * f.widening, self.memory)
        workspace.lay_out()
        workspace.resize(batch)
        rng = generator(seed, "probes")
        self.memory.rng, self.memory.training = rng, True
        f.initialize(self.memory, rng)
        self.x = rng.normal(size=(batch, units * f.widening)).astype(np.float32)
        self.given = rng.normal(size=(batch, n_out)).astype(np.float32)
        self.dy = np.empty_like(self.given)

    def seconds(self) -> float:
        """Of one forward and one backward pass."""
        np.copyto(self.dy, self.given)
        start = time.perf_counter()
        self.f.forward(self.x, self.memory)
        self.f.backward(self.dy, self.memory)
        return time.perf_counter() - start
