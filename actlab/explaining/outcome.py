"""What became of a run: no end, no progress, or too close a fit."""

from __future__ import annotations

from math import nan, sqrt
from typing import ClassVar

import numpy as np
from pydantic import Field

from actlab.explaining.base import Finding, Rule
from actlab.explaining.rate import UNTRAINABLE
from actlab.explaining.reading import Reading, epochs

STRONG = 1e-3
"""An L2 penalty beyond which more of it is not advised."""


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
        "explosion", "dead", "high_rate", "low_rate", "slow", "uncentred", "unfinished",
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
    """Train accuracy is over 10 points above validation accuracy, beyond the noise of the latter.

    Validation accuracy p over n examples has the standard error sqrt(p (1 - p) / n): the gap must
    exceed 10 points by two of them, 3.2 points for half of 1,000. The loss is not asked: whether it
    has turned yet depends on when the run ended, and seeds differ in that while their gaps agree.

    Source: CS231n course notes, "Train/val accuracy"; the 10 points and two errors are ours.
    """

    name: ClassVar[str] = "overfitting"
    rank: ClassVar[int] = 77

    gap: float = Field(0.1, gt=0, description="train accuracy less validation accuracy")
    errors: float = Field(2.0, ge=0, description="standard errors on top of the gap")

    def look(self, run: Reading) -> Finding | None:
        train, val = (run.record.final.get(f"{split}_accuracy", nan) for split in ("train", "val"))
        noise = self.errors * sqrt(val * (1 - val) / max(run.validation_examples, 1))
        if not train - val > self.gap + noise:
            return None
        evidence = f"{train:.1%} of the training examples are right but {val:.1%} of the validation"
        evidence += f" ones (give or take {100 * noise:.1f} points){self._turn(run)}"
        changes = self._remedy(run)
        if not changes:
            evidence += "; the remedies are all in use, so what is left is more training examples"
        return Finding(
            self.name,
            "the network overfits",
            evidence,
            changes=changes,
            verb="run" if changes else "",
        )

    def _turn(self, run: Reading) -> str:
        """Where the validation loss was least, if it ended above that and was not taken back."""
        losses = run.record.column("val_loss")
        if "best_epoch" in run.record.final or not np.isfinite(losses).any():
            return ""
        if not losses[-1] > np.nanmin(losses):
            return ""
        least = int(np.nanargmin(losses))
        said = f"; their loss rose from {losses[least]:.3f} after {epochs(least)} to "
        return f"{said}{losses[-1]:.3f}"

    def _remedy(self, run: Reading) -> tuple[str, ...]:
        """The first that is not in use: augmentation, dropout, stronger L2, early stopping.

        What makes examples harder to learn takes more epochs: in as many as before, flip and crop
        bring configs/quickstart.yaml from 43% of the validation images down to 37%. Flip and twice
        the epochs make it 52%, dropout of 0.2 and twice as many again 56%. Its noise adds up over
        layers, hence less than 0.2 beyond four: eight layers on 2,000 images go from 27% to 18%
        with 0.2, to 25% with 0.1. Early stopping comes last: it ends with a lower loss, but often
        with fewer examples right.
        """
        data, longer = run.experiment.data, f"train.epochs={2 * run.experiment.train.epochs}"
        used = {part.name: part for part in run.experiment.regularization}
        if data.source.images and not data.augment:
            return ("data.augment=[flip]", longer)
        if "dropout" not in used:
            return (f"regularization.dropout={min(0.2, 0.8 / max(run.depth, 1)):.2g}", longer)
        if getattr(used.get("l2"), "strength", 0.0) < STRONG:
            return (f"regularization.l2={STRONG:g}",)
        if "early_stopping" not in used:
            return ("regularization.early_stopping={}",)
        return ()
