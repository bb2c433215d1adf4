"""First biases that outweigh what the inputs say."""

from __future__ import annotations

from math import hypot, isfinite, sqrt
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.explaining.base import Finding, Rule
from actlab.explaining.reading import DEAD, SATURATED, Reading, number, share
from actlab.explaining.remedies import STEADY, keeps_steady

NONE = "model.bias_init=zeros"


class Biases(Rule):
    """First biases are three times as large as what inputs and weights give to the units.

    Nearly all examples then start on the same side of every unit's kink, where ReLUs are dead (or
    linear, if the bias is positive) and bounded units saturate. The size is sqrt(n_in) std(W)
    rms(x), the std of the first layer's pre-activations, or rms(x) where the weights are too small
    for that: then they are the cause. Layer by layer less of the signal may be left to hold against
    a bias: so a third of that size is enough where units are dead, saturated or collapsed before
    training, and any size if the theory expects steady layers without biases but not with them. A
    norm before the activation takes biases out again. Three standard deviations, 99.7% of a normal
    distribution, and the third are ours.

    Source: CS231n course notes, "Initializing the biases"; for the theory Poole et al. (2016).
    """

    name: ClassVar[str] = "biases"
    rank: ClassVar[int] = 15
    explained_by: ClassVar[frozenset[str]] = frozenset({"large_inputs"})

    above: float = Field(3.0, gt=0, description="root mean square of the biases, over that size")
    harmful: float = Field(1 / 3, gt=0, description="the same where units pass no gradient")

    def look(self, run: Reading) -> Finding | None:
        model = run.model
        if run.depth == 0 or (model.norm and model.norm.position == "before"):
            return None
        width, mean = model.hidden_widths[0], model.bias_init.weight_mean
        biases, moved = hypot(mean, model.bias_init.weight_std(1, width)), self._moved(run)
        large = biases >= (self.harmful if self._stuck(run) else self.above) * moved
        if not large and not (biases > 0 and self._stuck(run) and self._to_blame(run)):
            return None
        said = f"are {number(mean)}" if biases == abs(mean) else f"have a size of {number(biases)}"
        return Finding(
            self.name,
            "the first biases outweigh the inputs",
            f"the biases {said} before training, where the inputs move the units of layer 1 by "
            f"{number(moved)}{self._harm(run, biases > moved)}",
            changes=(NONE,),
        )

    def _harm(self, run: Reading, first: bool) -> str:
        """What came of it before training."""
        dead = run.first("dead_fraction")
        if dead.size and dead.max() >= DEAD:
            worst = share(dead.max())
            return f"; {worst} of the units of the worst layer pass no gradient on any example"
        return ": most examples lie on the same side of each unit" if first else ""

    def _to_blame(self, run: Reading) -> bool:
        """Whether the theory has it that without biases all would be well."""
        return keeps_steady(run, NONE) and not keeps_steady(run)

    def _stuck(self, run: Reading) -> bool:
        """Whether units are dead or saturated, or their signal is lost, before training."""
        stds, dead = run.first("activation.std"), run.first("dead_fraction")
        saturated = run.first("saturated_fraction")
        bounded = bool(np.isfinite(run.activation.bounds).all())
        stuck = (dead >= DEAD).any() or (bounded and (saturated >= SATURATED).any())
        return bool(stuck or (stds < stds[:1] / STEADY).any())

    def _moved(self, run: Reading) -> float:
        """How far inputs move a unit of the first layer, with weights of at least a usual size."""
        n_in, width = run.features, run.model.hidden_widths[0]
        std = run.model.init.weight_std(n_in, width, run.activation)
        size = run.input_size if run.input_size > 0 else 1.0
        return size * max(1.0, sqrt(n_in) * std if isfinite(std) else 1.0)
