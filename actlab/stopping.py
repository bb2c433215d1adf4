"""The best weights of a run so far, for early stopping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from actlab.arrays import Array
from actlab.nn.network import Network
from actlab.nn.regularizers import Regularizer
from actlab.nn.regularizers.early_stopping import EarlyStopping


class Best:
    """Follows the metric of early stopping, and keeps the parameters and state of its best epoch.

    Without early stopping it does nothing.
    """

    def __init__(self, regularizers: Iterable[Regularizer], network: Network) -> None:
        self.network = network
        self.rule = next((r for r in regularizers if isinstance(r, EarlyStopping)), None)
        self.epoch = 0
        self.value: float | None = None
        self.kept: list[Array] = []

    def followed(self, rows: Sequence[Mapping[str, float]]) -> bool:
        """Take note of the metrics of the latest epoch; whether the patience goes on."""
        if self.rule is None:
            return True
        epoch, value = int(rows[-1]["epoch"]), rows[-1][self.rule.metric]
        if self.rule.improves(value, self.value):
            self.epoch, self.value = epoch, value
            self.kept = [array.copy() for array in self._arrays()]
        return epoch - self.epoch < self.rule.patience

    def restored(self) -> dict[str, float]:
        """Put the best parameters back; which epoch they are of."""
        if not self.kept:
            return {}
        for array, kept in zip(self._arrays(), self.kept, strict=True):
            array[...] = kept
        return {"best_epoch": float(self.epoch)}

    def _arrays(self) -> list[Array]:
        return [self.network.workspace.theta, *self.network.workspace.state.values()]
