"""Choose settings for each variant by short trials before it is trained."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf, isfinite
from pathlib import Path
from typing import Any

from actlab.experiment import Experiment
from actlab.store import read_summary
from actlab.sweeping.plan import Plan, Variant, with_settings
from actlab.sweeping.values import shown

SUFFIX = "-tuning"
"""Ends the name of the folder of the trials."""


@dataclass(frozen=True)
class Trial:
    """A variant with a value to try, trained for the few epochs of the tuning."""

    variant: str
    settings: Mapping[str, Any]
    experiment: Experiment

    @property
    def label(self) -> str:
        """The variant and the value."""
        tried = ",".join(f"{key}={shown(value)}" for key, value in self.settings.items())
        return f"{self.variant}: try {tried}"


def trials(plan: Plan) -> list[Trial]:
    """What to try: every value on the first seed of every variant."""
    if plan.tune is None:
        return []
    return [
        Trial(one.label, settings, _short(plan, with_settings(one.experiment, settings)))
        for one in _first_seeds(plan).values()
        for settings in plan.tune.combinations()
    ]


def tuned(plan: Plan, results: Path) -> Plan:
    """The plan with each variant set to the values that did best, for all of its seeds.

    A trial that did not finish counts as the worst; if none finished, the first value stands.
    """
    if plan.tune is None:
        return plan
    found: dict[str, list[tuple[float, Mapping[str, Any]]]] = {}
    for trial in trials(plan):
        score = _score(trial.experiment, results, plan.tune.by)
        found.setdefault(trial.variant, []).append((score, trial.settings))
    best = {name: min(tried, key=lambda pair: pair[0])[1] for name, tried in found.items()}
    first = _first_seeds(plan)
    chosen = [best[first[_without_seed(one)].label] for one in plan.variants]
    variants = [
        replace(one, experiment=with_settings(one.experiment, settings), tuned=settings)
        for one, settings in zip(plan.variants, chosen, strict=True)
    ]
    return replace(plan, variants=tuple(variants))


def _first_seeds(plan: Plan) -> dict[str, Variant]:
    """By everything but the seed, the variant that stands first."""
    found: dict[str, Variant] = {}
    for one in plan.variants:
        found.setdefault(_without_seed(one), one)
    return found


def _without_seed(variant: Variant) -> str:
    return json.dumps({key: value for key, value in variant.settings.items() if key != "seed"})


def _short(plan: Plan, experiment: Experiment) -> Experiment:
    epochs = plan.tune.epochs if plan.tune else 0
    return with_settings(experiment, {"name": plan.name + SUFFIX, "train.epochs": epochs})


def _score(experiment: Experiment, results: Path, metric: str) -> float:
    """The metric of a trial, the lower the better."""
    summary = read_summary(results / experiment.directory) or {}
    value = summary.get("metrics", {}).get(metric)
    if summary.get("status") != "finished" or value is None or not isfinite(value):
        return inf
    return float(value) if lower_is_better(metric) else -float(value)


def lower_is_better(metric: str) -> bool:
    """Losses, seconds and the gap are better low, accuracies high."""
    return metric.endswith(("loss", "seconds", "gap"))


def tried(plan: Plan, results: Path) -> Iterable[dict[str, Any]]:
    """Every trial with its outcome, for the sweep's own file."""
    for trial in trials(plan):
        summary = read_summary(results / trial.experiment.directory) or {}
        metric = plan.tune.by if plan.tune else ""
        yield {
            "variant": trial.variant,
            "settings": dict(trial.settings),
            "run": str(trial.experiment.directory),
            "status": summary.get("status", "missing"),
            metric: summary.get("metrics", {}).get(metric),
        }
