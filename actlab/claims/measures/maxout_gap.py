"""A layer of maxout whose pieces are set, against a layer of another activation."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field, field_validator

from actlab.arrays import Array
from actlab.claims.measures.base import Exact, Series
from actlab.claims.measures.curve import OnNumbers, described, value
from actlab.nn.activations import Activation
from actlab.nn.activations.maxout import Maxout
from actlab.nn.dense import Dense
from actlab.nn.initializers.base import Zeros
from actlab.nn.network import Network
from actlab.randomness import generator

ROWS, N_IN, UNITS = 200, 30, 20


class MaxoutGap(Exact):
    """max |maxout(x [s_1 W, s_2 W, ...]) - f(x W)| over 200 rows x and 20 units, in float64.

    `slopes` s_1, s_2, ... set the pieces of every unit to multiples of one matrix W (30, 20) from
    N(0, 1/30), x from N(0, 1): 1 and 0 are ReLU, 1 and a are leaky ReLU, 1 and -1 are |x|.

    Source: Goodfellow, Warde-Farley, Mirza, Courville and Bengio (2013), "Maxout networks",
    arXiv 1302.4389.
    """

    name: ClassVar[str] = "maxout_gap"
    slopes: tuple[float, ...] = Field((1.0, 0.0), description="of the pieces")
    to: OnNumbers = Field(description="f")

    @field_validator("slopes")
    @classmethod
    def _two_or_more(cls, slopes: tuple[float, ...]) -> tuple[float, ...]:
        if not 2 <= len(slopes) <= 64:
            raise ValueError("name the slopes of 2 to 64 pieces")
        return slopes

    @property
    def label(self) -> str:
        pieces = ", ".join(f"{slope:g} W" for slope in self.slopes)
        return f"largest difference of maxout ({pieces}) and {described(self.to)}"

    def value(self, seed: int) -> float:
        rng = generator(seed, "probes")
        x, W = rng.normal(size=(ROWS, N_IN)), rng.normal(size=(N_IN, UNITS)) / np.sqrt(N_IN)
        pieces = np.concatenate([slope * W for slope in self.slopes], axis=1)
        ours = _outputs(Maxout(pieces=len(self.slopes)), pieces, x)
        return float(np.abs(ours - _outputs(self.to, W, x)).max())

    def series(self, seed: int) -> list[tuple[str, Series]]:
        x = np.linspace(-3, 3, 301)
        largest = np.max([slope * x for slope in self.slopes], axis=0)
        curves = {"maxout": largest, described(self.to): value(self.to, x)}
        return [(name, Series(x.tolist(), y.tolist(), "x W")) for name, y in curves.items()]


def _outputs(f: Activation, W: Array, x: Array) -> Array:
    """What a layer of dense weights W and f makes of x."""
    dense = Dense(W.shape[1] // f.widening, Zeros(), activation=f)
    network = Network([("hidden1", dense), ("hidden1", f)], len(W), dtype="float64")
    network.initialize(0)
    network.parameters["hidden1.W"][...] = W
    return network.forward(x)
