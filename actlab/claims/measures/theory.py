"""Measurement beside mean-field theory: how far apart, and what theory expects."""

from __future__ import annotations

from math import isfinite, log10
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from actlab.arrays import Array
from actlab.claims.measures.base import OfExperiment, OfRun, Series, Unmeasured
from actlab.experiment import Experiment
from actlab.record import Record
from actlab.theory import Prediction, phase_of, predict


class TheoryGap(OfRun):
    """Greatest |log10(measured / predicted)| over the hidden layers, as initialized.

    Source: Poole, Lahiri, Raghu, Sohl-Dickstein and Ganguli (2016), arXiv 1606.05340.
    """

    name: ClassVar[str] = "theory_gap"
    statistic: Literal["activation.std", "activation.mean", "preactivation.std"] = Field(
        "activation.std", description="measured, and predicted by actlab.theory"
    )

    @property
    def label(self) -> str:
        return f"{self.statistic}: decades between measurement and theory"

    def of_record(self, record: Record) -> float:
        measured = np.asarray(record.statistics[self.statistic][0], float)
        expected = predicted(record).statistics[self.statistic]
        if not (measured.size and np.isfinite(expected).all() and (measured * expected > 0).all()):
            raise Unmeasured(f"theory predicts no {self.statistic} of this network")
        return float(np.abs(np.log10(measured / expected)).max())

    def series(self, record: Record) -> Series | None:
        ratio = record.statistics[self.statistic][0] / predicted(record).statistics[self.statistic]
        layers = list(range(1, len(ratio) + 1))
        return Series(layers, ratio.tolist(), "hidden layer; y: measured / theory")


class GradientGrowth(OfRun):
    """Decades by which the std of the gradient grows from each layer to the one below it.

    Least squares over the upper half of the hidden layers' pre-activation gradients, as
    initialized, where the variances have come near to their fixed point. Positive: gradients
    explode towards the input (chaotic); negative: they vanish (ordered).

    Source: Schoenholz, Gilmer, Ganguli and Sohl-Dickstein (2017), arXiv 1611.01232, section 4.
    """

    name: ClassVar[str] = "gradient_growth"

    @property
    def label(self) -> str:
        return "growth of the gradient (decades per layer)"

    def of_record(self, record: Record) -> float:
        gradients = _gradients(record)
        upper = gradients[len(gradients) // 2 :]
        if upper.size < 3 or not (np.isfinite(upper) & (upper > 0)).all():
            raise Unmeasured("gradients of fewer than three upper layers are finite and not zero")
        return float(-np.polyfit(np.arange(upper.size), np.log10(upper), 1)[0])

    def series(self, record: Record) -> Series | None:
        gradients = _gradients(record)
        return Series(list(range(1, gradients.size + 1)), gradients.tolist(), "hidden layer", True)


class PredictedGrowth(OfExperiment):
    """log10(chi_1) / 2, by which theory expects the std of gradients to grow a layer, in decades.

    chi_1 = sigma_w^2 E[f'(sqrt(q*) z)^2] at the fixed point q* of the variances.

    Source: Schoenholz, Gilmer, Ganguli and Sohl-Dickstein (2017), arXiv 1611.01232.
    """

    name: ClassVar[str] = "predicted_growth"

    def of_experiment(self, experiment: Experiment) -> float:
        try:
            chi = phase_of(experiment).chi
        except ValueError as reason:
            raise Unmeasured(str(reason)) from reason
        if not (isfinite(chi) and chi > 0):
            raise Unmeasured("chi is zero or not finite")
        return log10(chi) / 2


def predicted(record: Record) -> Prediction:
    """What theory expects of the hidden layers of a run as initialized."""
    found = record.statistics
    if "input.squares" not in found:
        raise Unmeasured("the run was recorded without its inputs' squares; train it anew")
    return predict(record.experiment, found["input.squares"][0], int(found["input.features"][0]))


def _gradients(record: Record) -> Array:
    return np.asarray(record.statistics["preactivation_gradient.std"][0], float)
