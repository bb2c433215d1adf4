"""The numbers that checks are decided by: the measure of every run they look at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from actlab.claims.case import Case
from actlab.claims.claim import Selection
from actlab.claims.measures import Exact, Measure, OfExperiment, OfRun, Series
from actlab.claims.measures.base import Unmeasured
from actlab.costs import counted
from actlab.record import Record
from actlab.store import StoreError, open_record
from actlab.sweeping.plan import Variant

MOST_MISSING = 0.5
"""Share of runs that a measure may be missing of, before it counts as not measurable."""


@dataclass(frozen=True)
class Measured:
    """A measure of one run."""

    settings: Mapping[str, Any]
    """What is swept, without the seed."""
    seed: int
    value: float


@dataclass
class Evidence:
    """The records of a case, opened when asked for and kept."""

    case: Case
    results: Path
    left_out: list[str] = field(default_factory=list)
    """Of which runs a measure could not be taken, since this list was last cleared."""
    _records: dict[Path, Record] = field(default_factory=dict)
    _taken: dict[tuple[str, str | int], float] = field(default_factory=dict)
    """What was measured of experiments and of mathematics, by measure and digest or seed: every
    check of one measure asks again, and a time would be another."""

    @property
    def seeds(self) -> list[int]:
        """Of the case."""
        return self.case.seeds

    @property
    def setting(self) -> dict[str, Any]:
        """What was measured on: the source and size of the data, epochs, runs and seeds."""
        if not self.case.trains:
            return {}
        experiment = self.case.plan.variants[0].experiment
        return {
            "source": experiment.data.source.name,
            "train": experiment.data.source.sizes[0],
            "epochs": experiment.train.epochs,
            "runs": len(self.case.plan.variants),
            "seeds": len(self.seeds),
        }

    def table(self, measure: Measure, selection: Selection) -> list[Measured]:
        """The measure of every run that the selection names, in the order of the plan.

        Runs that it cannot be taken of are left out; Unmeasured if they are the greater part.
        """
        variants = self.case.chosen(selection)
        reasons: list[str] = []
        found = []
        for one in variants:
            try:
                found.append(Measured(unseeded(one), one.experiment.seed, self._of(measure, one)))
            except Unmeasured as reason:
                reasons.append(str(reason))
        number = counted(len(variants), "run")
        if len(reasons) > MOST_MISSING * len(variants) or not found:
            raise Unmeasured(f"{reasons[0]} ({len(reasons)} of {number})")
        if reasons:
            self.left_out.append(f"without {len(reasons)} of {number}: {reasons[0]}")
        return found

    def series(self, measure: Measure, variant: Variant) -> Series | None:
        """The curve behind a measure of a run."""
        try:
            if isinstance(measure, OfRun):
                return measure.series(self.record(variant))
            if isinstance(measure, OfExperiment):
                return measure.series(variant.experiment)
        except Unmeasured:
            pass
        return None

    def values(self, measure: Measure, variant: Variant) -> list[float]:
        """The measure of one run, or nothing if it cannot be taken."""
        try:
            return [self._of(measure, variant)]
        except Unmeasured:
            return []

    def exact(self, measure: Exact) -> list[Measured]:
        """A measure of mathematics, for every seed if it depends on that."""
        seeds = self.seeds if measure.drawn else [0]
        values = [self._once(measure, seed, partial(measure.value, seed)) for seed in seeds]
        return [Measured({}, seed, value) for seed, value in zip(seeds, values, strict=True)]

    def _once(self, measure: Measure, key: str | int, take: Callable[[], float]) -> float:
        place = (repr(measure), key)
        if place not in self._taken:
            self._taken[place] = take()
        return self._taken[place]

    def record(self, variant: Variant) -> Record:
        """The record of a run; Unmeasured if there is none."""
        directory = self.results / variant.experiment.directory
        if directory not in self._records:
            try:
                self._records[directory] = open_record(directory)
            except StoreError as error:
                raise Unmeasured(str(error)) from error
        return self._records[directory]

    @property
    def seconds(self) -> dict[str, float]:
        """Of training, by the digest of each run that was opened."""
        return {one.experiment.digest: one.seconds for one in self._records.values()}

    def _of(self, measure: Measure, variant: Variant) -> float:
        if isinstance(measure, OfExperiment):
            experiment = variant.experiment
            take = partial(measure.of_experiment, experiment)
            return self._once(measure, experiment.digest, take)
        if isinstance(measure, OfRun):
            return of_run(measure, self.record(variant))
        raise Unmeasured(f"{measure.name} is of no run")


def of_run(measure: OfRun, record: Record) -> float:
    """The measure of a record; the reason why it cannot be taken says if the run diverged."""
    try:
        return measure.of_record(record)
    except Unmeasured as reason:
        if record.status != "diverged":
            raise
        raise Unmeasured(f"{reason}, as it diverged") from reason


def unseeded(variant: Variant) -> dict[str, Any]:
    """What is swept in a variant, the seed aside."""
    return {key: value for key, value in variant.settings.items() if key != "seed"}
