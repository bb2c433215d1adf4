"""Layers whose units are all one unit."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from actlab.explaining.base import Finding, Rule
from actlab.explaining.reading import Reading, epochs, number, where
from actlab.explaining.remedies import steady_init


class Symmetry(Rule):
    """All units of a layer are identical: a layer as good as one unit.

    Judged by the statistic `distinct_units`, a number of units per layer, where it was recorded:
    one distinct unit in a layer of several. Otherwise by the config: weights and biases that are
    not random make all units of a layer the same function, and gradients keep them so.

    Source: Rumelhart, Hinton and Williams (1986), who break the symmetry with random weights;
    CS231n course notes, "Pitfall: all zero initialization".
    """

    name: ClassVar[str] = "symmetry"
    rank: ClassVar[int] = 20
    explained_by: ClassVar[frozenset[str]] = frozenset({"biases"})

    def look(self, run: Reading) -> Finding | None:
        layers, evidence = self._counted(run) if self._is_counted(run) else self._drawn(run)
        if not layers:
            return None
        title = "all units of a layer are the same"
        return Finding(self.name, title, evidence, layers, steady_init(run))

    def _is_counted(self, run: Reading) -> bool:
        return run.first("distinct_units").size > 0

    def _counted(self, run: Reading) -> tuple[tuple[int, ...], str]:
        widths = np.array(run.model.hidden_widths)
        distinct = run.last("distinct_units") * widths
        layers = where((np.round(distinct) == 1) & (widths > 1))
        when = f"after {epochs(len(run.record.metrics) - 1)}" if run.trained else "before training"
        return layers, f"they hold one distinct unit each {when}"

    def _drawn(self, run: Reading) -> tuple[tuple[int, ...], str]:
        """Of a width of several units, as long as nothing is drawn at random."""
        model, n = run.model, 100
        std = model.init.weight_std(n, n, model.activation)
        if std != 0 or model.bias_init.weight_std(1, n) != 0:
            return (), ""
        layers = where(np.array(model.hidden_widths) > 1)
        said = f"'{model.init.name}' draws all weights of a layer alike, biases too"
        norms = run.last("weight.norm")[:-1]
        if run.trained and norms.size and not norms.any():
            said += f"; after {epochs(len(run.record.metrics) - 1)} they are still exactly 0"
        elif run.trained:
            said += f", and the loss fell by {number(max(100 * run.loss_fell, 0))}%"
        return layers, said
