"""What a run leaves behind: arrays and numbers only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from actlab.arrays import Array
from actlab.experiment import Experiment

Status = Literal["finished", "diverged", "failed", "interrupted"]

LAYER_STATISTICS = {
    "mean": "activation.mean",
    "std": "activation.std",
    "zero_fraction": "zero_fraction",
    "saturated_fraction": "saturated_fraction",
    "dead_fraction": "dead_fraction",
}
"""The statistics of a layer that summaries show, and where they are recorded."""


@dataclass(frozen=True)
class Record:
    """The result of training one experiment."""

    experiment: Experiment
    status: Status
    metrics: Sequence[Mapping[str, float]] = ()
    """A row per epoch, the first before training. `train_*` are means over the epoch's batches as
    they were trained on, in the first row over the probe examples; `val_*` are of the validation
    split, in one pass without noise."""
    statistics: Mapping[str, Array] = field(default_factory=dict)
    """Arrays by name, whose first axis runs over snapshots (`epoch`, `step` and the number of probe
    `examples` tell when and of what, `input.*` what the preprocessed rows are like); only
    `dead_fraction_training_set` is of the end alone."""
    final: Mapping[str, float] = field(default_factory=dict)
    """Loss and accuracy on all three splits after training, in evaluation mode, averaged over the
    views and the draws of noise that the config asks for; `best_epoch` if training ended early."""
    fault: str = ""
    """Why the run did not finish, with the step and the first layer that went wrong."""
    seconds: float = 0.0

    def __repr__(self) -> str:
        """A few lines for a notebook: which experiment, how it ended, what came out."""
        epochs = max(len(self.metrics) - 1, 0)
        final = ", ".join(f"{name} {value:.4g}" for name, value in self.final.items())
        lines = [
            f"Record of {self.experiment.name}, {self.experiment.label}",
            f"  status: {self.status}" + (f", {self.fault}" if self.fault else ""),
            f"  epochs: {epochs}, in {self.seconds:.1f} s",
            f"  final: {final or 'nothing was measured'}",
            f"  statistics: {len(self.statistics)} arrays by name",
        ]
        return "\n".join(lines)

    @property
    def layers(self) -> list[str]:
        """Names of the hidden layers from the input."""
        return [f"hidden{n}" for n in range(1, len(self.experiment.model.hidden_widths) + 1)]

    def column(self, name: str) -> Array:
        """One metric over the epochs, NaN where it was not measured."""
        return np.array([row.get(name, np.nan) for row in self.metrics], float)

    def layer_statistics(self) -> list[dict[str, Any]]:
        """`{name, initial: {...}, final: {...}}` per hidden layer, of its activations.

        The final dead fraction is of the whole training set, the initial of the probe examples.
        """
        return [
            {"name": name, "initial": self._at(0, layer), "final": self._at(-1, layer)}
            for layer, name in enumerate(self.layers)
        ]

    def _at(self, snapshot: int, layer: int) -> dict[str, float]:
        found = {
            word: float(self.statistics[key][snapshot, layer])
            for word, key in LAYER_STATISTICS.items()
            if len(self.statistics.get(key, ()))
        }
        if snapshot == -1 and "dead_fraction_training_set" in self.statistics:
            found["dead_fraction"] = float(self.statistics["dead_fraction_training_set"][layer])
        return found
