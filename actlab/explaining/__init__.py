"""What is wrong with a run, in plain words: one class per rule."""

from __future__ import annotations

from typing import cast

from actlab.config import import_parts, members
from actlab.explaining.base import Finding, Rule
from actlab.explaining.health import signs
from actlab.explaining.reading import Reading
from actlab.record import Record

__all__ = ["Finding", "Rule", "explain", "signs"]


def explain(record: Record) -> list[Finding]:
    """What is wrong with a run, causes first; empty if nothing is that the record shows.

    A rule is silent where another one has found its cause: a collapsed network learns nothing, but
    not because of its learning rate.
    """
    reading, found = Reading(record), dict[str, Finding]()
    rules = [cast(Rule, part()) for part in members(Rule.family).values()]
    for rule in sorted(rules, key=lambda rule: rule.rank):
        if not found.keys() & rule.explained_by and (finding := rule.look(reading)):
            found[rule.name] = finding
    return list(found.values())


import_parts(__name__, __path__)
