"""What a measure is: one number of a run, of an experiment, or of the mathematics alone.

A measure that cannot be taken raises Unmeasured with the reason, which the verdict repeats.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from actlab.config import Part
from actlab.experiment import Experiment
from actlab.record import Record


class Unmeasured(ValueError):
    """There is nothing to measure; the message says why."""


@dataclass(frozen=True)
class Series:
    """What lies behind a number: a curve, for the figure of the claim."""

    x: Sequence[float]
    y: Sequence[float]
    along: str
    """What x counts, as a label of the axis: `hidden layer`, `epoch`, `k`."""
    logarithmic: bool = False
    """Whether y is shown on a logarithmic scale."""
    logarithmic_x: bool = False
    up: str = ""
    """What y is, where that is not what is measured."""
    in_plane: bool = False
    """Whether both are of one unit: a picture in the plane."""


class Measure(Part):
    """A number that a claim is about."""

    family: ClassVar[str] = "measure"

    @property
    def label(self) -> str:
        """What is measured, in a few words, for axes and tables."""
        return self.name.replace("_", " ")


class OfRun(Measure):
    """A number of a run, from its record."""

    @abstractmethod
    def of_record(self, record: Record) -> float:
        """The number; Unmeasured if the record does not hold it."""

    def series(self, record: Record) -> Series | None:
        """The curve that the number is a summary of, if there is one."""
        return None


class OfExperiment(Measure):
    """A number of an experiment's data, preprocessing or untrained network: nothing is trained."""

    @abstractmethod
    def of_experiment(self, experiment: Experiment) -> float:
        """The number, the same for the same experiment."""

    def series(self, experiment: Experiment) -> Series | None:
        """The curve that the number is a summary of, if there is one."""
        return None


class Exact(Measure):
    """A number of the mathematics alone."""

    drawn: ClassVar[bool] = False
    """Whether it depends on the seed: then it has an interval over the seeds of the config."""

    @abstractmethod
    def value(self, seed: int) -> float:
        """The number; the seed is for what is drawn."""

    def series(self, seed: int) -> list[tuple[str, Series]]:
        """Labelled curves that the number is a summary of; none if there are none."""
        return []
