"""Signals that shrink or grow on their way through the layers, before training."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.explaining.base import Finding, Rule
from actlab.explaining.reading import DEAD, Reading, number, where
from actlab.explaining.remedies import steady_init


class Collapse(Rule):
    """Before training, the std of a layer's activations is under 1e-3, or a tenth of the first's.

    What the layers above then see is nearly the same for all examples, and the gradients shrink
    alike. A tenth leaves room for tanh with Xavier, which loses two thirds over ten layers.

    Source: Glorot and Bengio (2010), figure 6; CS231n, lecture 6: ten tanh layers of std 0.01.
    """

    name: ClassVar[str] = "collapse"
    rank: ClassVar[int] = 30
    explained_by: ClassVar[frozenset[str]] = frozenset({"biases", "symmetry"})

    below: float = Field(1e-3, gt=0, description="std of the activations")
    share: float = Field(0.1, gt=0, description="of the first hidden layer's std")

    def look(self, run: Reading) -> Finding | None:
        stds = run.first("activation.std")
        if not stds.size or not np.isfinite(stds[0]):
            return None
        layers = where(stds < max(self.below, self.share * stds[0]))
        if not layers or self._died(run, layers[0]):
            return None
        evidence = f"before training the std of the activations falls from {number(stds[0])} in "
        evidence += f"layer 1 to {number(stds[-1])} in layer {run.depth}"
        if run.depth == 1:
            evidence = f"before training the std of the activations is {number(stds[0])}"
        if np.isfinite(ratio := run.gradient_ratio()):
            evidence += f"; gradients reach layer 1 with {number(ratio)} of their std at the top"
        title = "activations collapse"
        return Finding(self.name, title, evidence, layers, steady_init(run))

    def _died(self, run: Reading, layer: int) -> bool:
        """Whether dead units, which no spread of the weights revives, are what stops the signal."""
        return bool((run.first("dead_fraction")[:layer] >= DEAD).any())


class Explosion(Rule):
    """Before training, activations grow tenfold through the layers, or gradients 1000-fold down.

    Source: Glorot and Bengio (2010) and Saxe, McClelland and Ganguli (2013), arXiv 1312.6120, for
    keeping both steady; the factors are ours.
    """

    name: ClassVar[str] = "explosion"
    rank: ClassVar[int] = 40
    explained_by: ClassVar[frozenset[str]] = frozenset({"biases", "symmetry", "saturation"})

    growth: float = Field(10.0, gt=1, description="of the activations' std over the first layer's")
    gradient: float = Field(1e3, gt=1, description="of the gradients' std, from top to bottom")

    def look(self, run: Reading) -> Finding | None:
        stds, ratio = run.first("activation.std"), run.gradient_ratio()
        if not stds.size:
            return None
        layers = where(~np.isfinite(stds) | (stds > self.growth * stds[0]))
        evidence = f"before training the std of the activations grows from {number(stds[0])} in "
        evidence += f"layer 1 to {number(stds[-1])} in layer {run.depth}"
        title = "activations explode"
        if not layers:
            if not ratio > self.gradient:
                return None
            title = "gradients explode on their way down"
            evidence = f"before training they reach layer 1 with {number(ratio)} times their std"
            evidence += f" in layer {run.depth}"
        return Finding(self.name, title, evidence, layers, steady_init(run))


class Vanishing(Rule):
    """Before training, gradients reach the first layer with less than 1e-3 of their std at the top.

    Under 1e-2 is enough for a network whose loss fell by less than 5%. Where activations neither
    collapse nor saturate that is the activation's own doing: the slope of sigmoid is at most 1/4.

    Source: Hochreiter (1991); Glorot and Bengio (2010), figure 7; the factors are ours.
    """

    name: ClassVar[str] = "vanishing"
    rank: ClassVar[int] = 60
    explained_by: ClassVar[frozenset[str]] = frozenset(
        {"biases", "symmetry", "collapse", "saturation", "dead"}
    )

    below: float = Field(1e-3, gt=0, description="of the gradient's std, from top to bottom")
    unlearned: float = Field(1e-2, gt=0, description="the same of a network that does not learn")
    fell: float = Field(0.05, gt=0, description="share of its first value that the loss lost")

    def look(self, run: Reading) -> Finding | None:
        ratio = run.gradient_ratio()
        below = self.unlearned if run.loss_fell < self.fell else self.below
        if not ratio < below:
            return None
        stds = run.first("activation_gradient.std")
        return Finding(
            self.name,
            "gradients vanish on their way down",
            f"before training they reach layer 1 with {number(ratio)} of their std in layer "
            f"{run.depth}",
            where(stds < below * stds[-1]),
            steady_init(run),
        )
