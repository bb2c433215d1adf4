"""The two forms of dropout as predictors, and masks averaged against the pass at test."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from actlab.architecture import build
from actlab.arrays import Array
from actlab.claims.measures.base import OfExperiment, Series, Unmeasured
from actlab.experiment import Experiment, load
from actlab.nn.masks import share_kept
from actlab.nn.network import Network
from actlab.nn.regularizers.dropout import Dropout
from actlab.randomness import generator

ROWS = 64


class DropoutFormsGap(OfExperiment):
    """max |a - b| / max |a| of the scores of inverted dropout (a) and scaling at test (b), float64.

    Over 64 rows from N(0, 1). With `matched`, the weights behind a dropped layer are larger by
    1 / (1 - rate) in b: what one form does to the units, the other has in its weights.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), "Dropout: a simple
    way to prevent neural networks from overfitting", section 10.
    """

    name: ClassVar[str] = "dropout_forms_gap"
    phase: Literal["test", "training"] = Field("test", description="training: under equal masks")
    matched: bool = Field(True, description="whether b's weights make up for the scale")

    @property
    def label(self) -> str:
        weights = "matched" if self.matched else "equal"
        return f"relative difference of the two forms in {self.phase}, {weights} weights"

    def of_experiment(self, experiment: Experiment) -> float:
        dropout = _dropout(experiment)
        ours, theirs = (_network(experiment, scale) for scale in ("training", "test"))
        if self.matched:
            _make_up(theirs, dropout)
        x, training = _rows(experiment, ours), self.phase == "training"
        a, b = (network.forward(x, training=training) for network in (ours, theirs))
        return float(np.abs(a - b).max() / np.abs(a).max())


class MaskAverageGap(OfExperiment):
    """rms(mean of the scores over masks - scores at test) / rms(scores at test), 64 rows, float64.

    0 in the limit of many masks where the scores are linear in what is dropped: with one hidden
    layer, or none. Sampling leaves about sqrt(rate / (1 - rate) / masks).

    Source: Hinton, Srivastava, Krizhevsky, Sutskever and Salakhutdinov (2012), "Improving neural
    networks by preventing co-adaptation of feature detectors", arXiv 1207.0580.
    """

    name: ClassVar[str] = "mask_average_gap"
    masks: int = Field(2000, ge=1, le=1_000_000, description="how many are averaged")

    @property
    def label(self) -> str:
        return f"relative distance of {self.masks:,} masks averaged from the pass at test"

    def of_experiment(self, experiment: Experiment) -> float:
        return self._distances(experiment)[-1]

    def series(self, experiment: Experiment) -> Series | None:
        distances = self._distances(experiment)
        masks = list(range(1, len(distances) + 1))
        return Series(masks, distances, "masks", logarithmic=True, logarithmic_x=True)

    def _distances(self, experiment: Experiment) -> list[float]:
        _dropout(experiment)
        network = build(experiment, dtype="float64")
        x = _rows(experiment, network)
        plain, distances = network.forward(x).copy(), []
        total = np.zeros_like(plain)
        for mask in range(1, self.masks + 1):
            total += network.forward(x, sampled=True)
            distances.append(float(_rms(total / mask - plain) / _rms(plain)))
        return distances


def _rms(x: Array) -> float:
    return float(np.sqrt(np.mean(x * x)))


def _dropout(experiment: Experiment) -> Dropout:
    found = [part for part in experiment.regularization if isinstance(part, Dropout)]
    if not found:
        raise Unmeasured("the experiment has no dropout")
    if experiment.model.residual:
        raise Unmeasured("in residual networks skips carry what was dropped past the weights")
    return found[0]


def _network(experiment: Experiment, scale: str) -> Network:
    resolved: dict[str, Any] = experiment.resolved()
    resolved["regularization"]["dropout"]["scale"] = scale
    return build(load(resolved), dtype="float64")


def _make_up(network: Network, dropout: Dropout) -> None:
    """Divide the weights behind each dropped layer by the share that is kept."""
    first, *others = [W for name, W in network.parameters.items() if name.endswith(".W")]
    first /= share_kept(dropout.input)
    for W in others:
        W /= share_kept(dropout.rate)


def _rows(experiment: Experiment, network: Network) -> Array:
    return generator(experiment.seed, "probes").normal(size=(ROWS, network.n_in))
