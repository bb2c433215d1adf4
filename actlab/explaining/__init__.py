"""What is wrong with a run, in plain words: one class per rule."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import cast

from actlab.config import ConfigError, import_parts, members
from actlab.experiment import Experiment, load
from actlab.explaining.base import Finding, Rule
from actlab.explaining.health import signs
from actlab.explaining.reading import Reading
from actlab.record import Record

__all__ = ["Finding", "Rule", "explain", "signs"]


def explain(record: Record) -> list[Finding]:
    """What is wrong with a run, causes first; empty if nothing is that the record shows.

    A rule is silent where another one has found its cause: a collapsed network learns nothing, but
    not because of its learning rate.

    What a finding proposes changes the config, and no chain of proposals comes back to a config:
    preprocessing, biases and regularizers are changed once; initializers and activations along
    lists that are only gone down; rates by factors (1/10 and 3, 30, ...) no product of which is 1.
    A finding whose remedy the config holds already, or cannot take, proposes nothing.
    """
    reading, found = Reading(record), dict[str, Finding]()
    rules = [cast(Rule, part()) for part in members(Rule.family).values()]
    for rule in sorted(rules, key=lambda rule: rule.rank):
        if not found.keys() & rule.explained_by and (finding := rule.look(reading)):
            found[rule.name] = _with_effect(finding, record.experiment)
    return list(found.values())


def _with_effect(finding: Finding, experiment: Experiment) -> Finding:
    """The finding without a command if its changes leave the config as it is, or do not fit it."""
    if not finding.changes:
        return finding
    with suppress(ConfigError):
        if load(experiment.resolved(), finding.changes).digest != experiment.digest:
            return finding
    return replace(finding, changes=(), verb="")


import_parts(__name__, __path__)
