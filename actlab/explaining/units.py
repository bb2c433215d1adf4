"""Units that pass no gradient: saturated, or dead."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.explaining.base import Finding, Rule
from actlab.explaining.reading import DEAD, SATURATED, Reading, share, where
from actlab.explaining.remedies import centring, smaller_rate, steady_init


class Saturation(Rule):
    """At least a quarter of a layer's activations lie on the flat ends of a bounded activation.

    There |f'| is under 1% of its largest; exact zeros, which are the off state of relu6, are not
    counted. Half of all ReLUs are off at any time, which is no fault, so others are not judged.

    Source: Glorot and Bengio (2010), section 3; CS231n, lecture 6: tanh with std 1. A quarter is
    ours.
    """

    name: ClassVar[str] = "saturation"
    rank: ClassVar[int] = 35
    explained_by: ClassVar[frozenset[str]] = frozenset({"biases", "symmetry", "collapse"})

    above: float = Field(SATURATED, gt=0, le=1, description="share of a layer's activations")

    def look(self, run: Reading) -> Finding | None:
        if not np.isfinite(run.activation.bounds).all():
            return None
        before, after = self._saturated(run, "first"), self._saturated(run, "last")
        if run.across_units:
            return self._of_rows(run, before)
        if (before >= self.above).any():
            evidence = f"before training up to {share(before.max())} of their activations lie where"
            evidence += " the slope is under 1% of its largest, so that no gradient passes"
            title = "activations saturate"
            return Finding(
                self.name, title, evidence, where(before >= self.above), steady_init(run)
            )
        if run.trained and (after >= self.above).any():
            evidence = f"their saturated share rises from {share(before.max())} before training to "
            evidence += f"{share(after.max())} at the end"
            layers = where(after >= self.above)
            title = "activations saturate in training"
            return Finding(self.name, title, evidence, layers, smaller_rate(run))
        return None

    def _saturated(self, run: Reading, snapshot: str) -> Array:
        saturated = getattr(run, snapshot)("saturated_fraction")
        zero = getattr(run, snapshot)("zero_fraction")
        return np.nan_to_num(saturated - np.minimum(saturated, zero)) if zero.size else saturated

    def _of_rows(self, run: Reading, before: Array) -> Finding | None:
        """An activation that divides a fixed amount among the units of a layer."""
        if not (before >= self.above).any():
            return None
        return Finding(
            self.name,
            f"{run.activation.name} is no activation for hidden layers",
            f"it shares a fixed sum among the units, which leaves {share(before.max())} of them "
            "without slope",
            where(before >= self.above),
            ("model.activation=relu", "model.init=he_normal"),
        )


class Dead(Rule):
    """At least 30% of a layer's units have slope zero on every training example.

    10 to 20% are usual after training and do no great harm; at high learning rates it is 40% and
    more. Units that died in training call for a smaller rate, others for a leaky activation; for
    centred inputs where none is negative, since all examples then lie on one side of many units;
    for other weights where theirs have a mean, or (unless it is ReLU, which has no scale) one size
    whatever the fans.

    Source: CS231n course notes, "as much as 40% of your network can be dead if the learning rate
    is set too high"; Maas, Hannun and Ng (2013) for the leak.
    """

    name: ClassVar[str] = "dead"
    rank: ClassVar[int] = 50
    explained_by: ClassVar[frozenset[str]] = frozenset(
        {"biases", "symmetry", "saturation", "large_inputs", "collapse", "explosion"}
    )

    above: float = Field(DEAD, gt=0, le=1, description="share of a layer's units")

    def look(self, run: Reading) -> Finding | None:
        before, after = np.nan_to_num(run.first("dead_fraction")), np.nan_to_num(run.final_dead)
        if not after.size or not (after >= self.above).any():
            return None
        layers = where(after >= self.above)
        if run.moved and not (before >= self.above).any():
            said = f"{share(after.max())} of the units of the worst layer pass no gradient on any "
            said += f"example measured; before training it was {share(before.max())}"
            return Finding(self.name, "units died in training", said, layers, smaller_rate(run))
        said = f"before training {share(before.max())} of the units of the worst layer pass no "
        said += "gradient on any of the examples measured"
        title = "units are dead from the start"
        return Finding(self.name, title, said, layers, self._remedy(run))

    def _remedy(self, run: Reading) -> tuple[str, ...]:
        """By what leaves the units dead: the inputs, the weights, or else the activation."""
        init = run.model.init
        if run.uncentred:
            return centring(run)
        if init.weight_mean != 0 or not (init.scaled or run.activation.name == "relu"):
            return steady_init(run)
        return ("model.activation=leaky_relu", "model.init=he_normal")
