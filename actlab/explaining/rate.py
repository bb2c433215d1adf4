"""Steps that are too large, or too small."""

from __future__ import annotations

from math import nan
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.explaining.base import Finding, Rule
from actlab.explaining.reading import Reading, epochs, number
from actlab.explaining.remedies import larger_rate, smaller_rate

UNTRAINABLE = frozenset(
    {"large_inputs", "biases", "symmetry", "collapse", "saturation", "vanishing"}
)
"""Rules whose finding keeps any learning rate from working."""


class HighRate(Rule):
    """The run diverged, its loss ended above where it began, goes up and down, or steps are huge.

    Up and down: in at least a third of the epochs the training loss rises by 5% of its first value
    or more. Huge: the median of |update| / |W| over layers and snapshots is above 0.02, where 1e-3
    is healthy; in the first epoch that much is no fault.

    Source: CS231n course notes, "Loss function" and "Ratio of weights:updates"; what counts as
    much more than 1e-3, and as a rise, is ours.
    """

    name: ClassVar[str] = "high_rate"
    rank: ClassVar[int] = 45
    explained_by: ClassVar[frozenset[str]] = frozenset({"explosion"}) | UNTRAINABLE - {"saturation"}

    above: float = Field(0.02, gt=0, description="|update| / |W|, the median over layers")
    rise: float = Field(0.05, gt=0, description="of the loss, as a share of its first value")
    often: float = Field(1 / 3, gt=0, le=1, description="share of epochs in which it rises")

    def look(self, run: Reading) -> Finding | None:
        evidence = self._diverged(run) or self._unsteady(run) or self._huge(run)
        if not evidence:
            return None
        title = "the learning rate is too high"
        return Finding(self.name, title, evidence, changes=smaller_rate(run))

    def _diverged(self, run: Reading) -> str:
        said = f"with a rate of {number(run.lr)}, {run.record.fault}"
        return said if run.record.status == "diverged" else ""

    def _unsteady(self, run: Reading) -> str:
        if not run.trained:
            return ""
        rate, (word, losses) = number(run.lr), run.told
        if run.loss_rose > self.rise:
            return f"with a rate of {rate} the {word} rose from {losses[0]:.3f} to {losses[-1]:.3f}"
        rises = int(np.sum(np.diff(run.losses[1:]) > self.rise * run.losses[0]))
        if len(run.losses) > 3 and rises >= self.often * (len(run.losses) - 2):
            return (
                f"with a rate of {rate} the training loss goes up and down: in {rises} of "
                f"{len(run.losses) - 2} epochs after the first it rises, by {self.rise:.0%} of its "
                "first value or more"
            )
        return ""

    def _huge(self, run: Reading) -> str:
        ratios = run.update_ratios()
        if not ratios.size or not np.median(ratios) > self.above:
            return ""
        changed = number(float(np.median(ratios)))
        return f"a step changes the weights by {changed} of their norm, where 1e-3 is healthy"


class LowRate(Rule):
    """The loss fell by less than 5%, and steps are under 1e-4 of the weights.

    Source: CS231n course notes, "Ratio of weights:updates": about 1e-3, lower is too low; the loss
    barely changing is its first sign. 5% is ours.
    """

    name: ClassVar[str] = "low_rate"
    rank: ClassVar[int] = 70
    explained_by: ClassVar[frozenset[str]] = UNTRAINABLE | {"explosion", "dead", "high_rate"}

    below: float = Field(1e-4, gt=0, description="|update| / |W|, the median over layers")
    fell: float = Field(0.05, gt=0, description="share of its first value that the loss lost")

    def look(self, run: Reading) -> Finding | None:
        ratios = run.update_ratios()
        if not run.loss_fell < self.fell or not ratios.size or not ratios.max() < self.below:
            return None
        word, losses = run.told
        return Finding(
            self.name,
            "the learning rate is too low",
            f"with a rate of {number(run.lr)} the {word} is {losses[-1]:.3f} after "
            f"{epochs(len(run.losses) - 1)}, from {losses[0]:.3f}; a step changes the weights by "
            f"{number(ratios.max())} of their norm, where 1e-3 is healthy",
            changes=larger_rate(run, float(ratios.max())),
        )


class SlowLearning(Rule):
    """Steps are under 3e-4 of the weights, and at most half of what can be learned is learned.

    Half way from guessing to all training examples: (1 + 1/classes) / 2 of them right, 55% of ten
    classes. 3e-4 is half a decade, in the median over layers and snapshots, below the healthy 1e-3:
    nearer than that a ratio says little, and beyond half way smaller steps are usual.

    Source: CS231n course notes, "Ratio of weights:updates"; both thresholds are ours.
    """

    name: ClassVar[str] = "slow"
    rank: ClassVar[int] = 78
    explained_by: ClassVar[frozenset[str]] = UNTRAINABLE | {
        "explosion", "dead", "high_rate", "low_rate", "overfitting", "unfinished",
    }  # fmt: skip

    below: float = Field(3e-4, gt=0, description="|update| / |W|, the median over layers")
    way: float = Field(0.5, gt=0, le=1, description="from guessing to every example right")

    def look(self, run: Reading) -> Finding | None:
        ratios, right = run.update_ratios(), run.record.final.get("train_accuracy", nan)
        wanted = run.chance + self.way * (1 - run.chance)
        if not ratios.size or not np.median(ratios) < self.below or not right < wanted:
            return None
        ratio = float(np.median(ratios))
        return Finding(
            self.name,
            "the network learns slowly",
            f"with a rate of {number(run.lr)} it has {right:.1%} of the training examples right "
            f"after {epochs(len(run.losses) - 1)}; a step changes the weights by {number(ratio)} "
            "of their norm, where 1e-3 is healthy",
            changes=larger_rate(run, ratio),
        )
