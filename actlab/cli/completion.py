"""Shell completion from the registries."""

from __future__ import annotations

from typing import Any, get_args

import typer


def families(incomplete: str) -> list[str]:
    """Families of parts."""
    from actlab.registry import registered

    return [name for name in registered() if name.startswith(incomplete)]


def members(context: typer.Context, incomplete: str) -> list[str]:
    """Parts of the family already typed."""
    from actlab.config import ConfigError
    from actlab.registry import find

    try:
        parts = find(context.params.get("family") or "")
    except ConfigError:
        return []
    return [name for name in parts if name.startswith(incomplete)]


def figures(incomplete: str) -> list[str]:
    """Kinds of figures."""
    from actlab.registry import find

    known = [*find("figures"), *find("sweep_figures")]
    return [name for name in known if name.startswith(incomplete)]


def claims(incomplete: str) -> list[str]:
    """Ids of the lecture's claims."""
    return [claim for claim, _ in _claims() if claim.startswith(incomplete)]


def topics(incomplete: str) -> list[str]:
    """Topics of the lecture's claims."""
    return [t for t in dict.fromkeys(topic for _, topic in _claims()) if t.startswith(incomplete)]


def sources(incomplete: str) -> list[str]:
    """Sources of data."""
    from actlab.registry import find

    return [name for name in find("sources") if name.startswith(incomplete)]


def benchmarks(incomplete: str) -> list[str]:
    """What can be measured."""
    from actlab.benchmarking.suite import NAMES

    return [name for name in NAMES if name.startswith(incomplete)]


def peers(incomplete: str) -> list[str]:
    """What can be measured against, after the last comma."""
    from actlab.benchmarking.contenders import PEERS

    before, comma, word = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in PEERS if name.startswith(word)]


def overrides(incomplete: str) -> list[str]:
    """Dotted paths of a config; after the `=`, the parts that may stand there."""
    from actlab.experiment import Experiment

    paths = dict(_paths(Experiment, ""))
    path, equals, word = incomplete.partition("=")
    if equals:
        return [f"{path}={name}" for name in paths.get(path, ()) if name.startswith(word)]
    return [f"{known}=" for known in paths if known.startswith(incomplete)]


def _claims() -> list[tuple[str, str]]:
    from actlab.claims.lecture import read_cases
    from actlab.config import ConfigError

    try:
        return [(claim.id, claim.topic) for case in read_cases() for claim in case.claims]
    except ConfigError:
        return []


def _paths(model: type[Any], prefix: str) -> list[tuple[str, list[str]]]:
    """Every dotted path below a model, with the words that its value may be."""
    from actlab.config import Part, Settings
    from actlab.config import members as members_of

    found: list[tuple[str, list[str]]] = []
    for name, field in model.model_fields.items():
        kinds = [
            kind
            for kind in (field.annotation, *get_args(field.annotation))
            if isinstance(kind, type)
        ]
        parts = [kind for kind in kinds if issubclass(kind, Part)]
        groups = [kind for kind in kinds if issubclass(kind, Settings) and kind not in parts]
        if groups:
            found += _paths(groups[0], f"{prefix}{name}.")
        else:
            found.append((prefix + name, [w for part in parts for w in members_of(part.family)]))
    return found
