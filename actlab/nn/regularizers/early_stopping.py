"""An end of training before it overfits."""

from math import isnan
from typing import ClassVar, Literal

from pydantic import Field

from actlab.nn.regularizers.base import Regularizer


class EarlyStopping(Regularizer):
    """Stops after `patience` epochs without a better `metric`, and restores the best weights.

    The untrained network counts as epoch 0. What is recorded by epoch stays as it was; the final
    losses, accuracies and dead units are of the restored weights, with running averages of norms.

    Source: Prechelt (1998), "Early stopping, but when?".
    """

    name: ClassVar[str] = "early_stopping"
    main: ClassVar[str] = "patience"
    needs_validation: ClassVar[bool] = True

    patience: int = Field(5, ge=1, description="epochs to wait for an improvement")
    metric: Literal["val_loss", "val_accuracy"] = Field(
        "val_loss", description="of the validation split: loss or accuracy"
    )
    margin: float = Field(0.0, ge=0, description="an improvement is better by more than this")

    def improves(self, value: float, best: float | None) -> bool:
        """Whether a value of the metric is better than the best so far; NaN never is."""
        if best is None:
            return not isnan(value)
        gain = best - value if self.metric == "val_loss" else value - best
        return gain > self.margin
