"""What became of a run: no end, no progress, or too close a fit."""

from __future__ import annotations

from math import nan
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.explaining.base import Finding, Rule
from actlab.explaining.rate import UNTRAINABLE
from actlab.explaining.reading import Reading, epochs, number


class Unfinished(Rule):
    """The run failed, or was interrupted.

    Source: its summary.json.
    """

    name: ClassVar[str] = "unfinished"
    rank: ClassVar[int] = 0

    def look(self, run: Reading) -> Finding | None:
        status = run.record.status
        if status not in ("failed", "interrupted"):
            return None
        title = "the run failed" if status == "failed" else "the run was interrupted"
        return Finding(self.name, title, run.record.fault)


class NoProgress(Rule):
    """The loss fell by less than 2%, and no other rule says why.

    Source: CS231n course notes, "Before learning: sanity checks": check the gradients, then try to
    overfit a few examples. 2% is ours.
    """

    name: ClassVar[str] = "no_progress"
    rank: ClassVar[int] = 80
    explained_by: ClassVar[frozenset[str]] = UNTRAINABLE | {
        "explosion", "dead", "high_rate", "low_rate", "unfinished",
    }  # fmt: skip

    fell: float = Field(0.02, gt=0, description="share of its first value that the loss lost")

    def look(self, run: Reading) -> Finding | None:
        if not run.loss_fell < self.fell:
            return None
        word, losses = run.told
        return Finding(
            self.name,
            "the network does not learn",
            f"the {word} is {losses[-1]:.3f} after {epochs(len(run.losses) - 1)}, from "
            f"{losses[0]:.3f}, though signals, units and steps look as they should",
            verb="gradcheck",
        )


class Overfitting(Rule):
    """Train accuracy is 10 points above validation, whose loss ended 5% above its minimum.

    A gap alone is usual; it harms where the validation loss turns. The 5% are the generalization
    loss of Prechelt, in his middle setting.

    Source: CS231n course notes, "Train/val accuracy"; Prechelt (1998), "Early stopping - but
    when?", GL with alpha 5. The 10 points are ours.
    """

    name: ClassVar[str] = "overfitting"
    rank: ClassVar[int] = 85

    gap: float = Field(0.1, gt=0, description="train accuracy less validation accuracy")
    turned: float = Field(0.05, gt=0, description="validation loss over its minimum, less 1")

    def look(self, run: Reading) -> Finding | None:
        final, losses = run.record.final, run.record.column("val_loss")
        train, val = (final.get(f"{split}_accuracy", nan) for split in ("train", "val"))
        if not train - val > self.gap or not np.isfinite(losses).any():
            return None
        least = int(np.nanargmin(losses))
        if not losses[-1] > (1 + self.turned) * losses[least]:
            return None
        return Finding(
            self.name,
            "the network overfits",
            f"{train:.1%} of the training examples are right but {val:.1%} of the validation ones, "
            f"whose loss rose from {number(losses[least])} after {epochs(least)} to "
            f"{number(losses[-1])}",
            changes=self._remedy(run),
        )

    def _remedy(self, run: Reading) -> tuple[str, ...]:
        data, used = run.experiment.data, {part.name for part in run.experiment.regularization}
        if data.source.images and not data.augment:
            return ("data.augment=[flip, crop]",)
        if "dropout" not in used:
            return ("regularization.dropout=0.5",)
        if "early_stopping" not in used:
            return ("regularization.early_stopping={}",)
        return ("regularization.l2=1e-3",)
