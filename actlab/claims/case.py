"""A config with a `claims:` section: its claims, and the runs that they are judged by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actlab.claims.claim import Check, Claim, Claims, Selection
from actlab.claims.measures import Exact
from actlab.config import ConfigError, Document, Fault, Keys, dotted, suggestion, validate
from actlab.experiment import CLAIM_SECTIONS, opened
from actlab.sweeping.plan import Plan, Variant, planned
from actlab.sweeping.spec import matches
from actlab.sweeping.values import shown, values_of

FOLDER = "runs"
"""The name that all runs of claims share, so that one record can feed many claims."""


@dataclass(frozen=True)
class Case:
    """The claims of one file, with the runs it asks for."""

    path: Path
    claims: tuple[Claim, ...]
    plan: Plan

    @property
    def trains(self) -> bool:
        """Whether any check needs runs."""
        return any(not isinstance(check.measure, Exact) for check in self.checks)

    @property
    def checks(self) -> Iterator[Check]:
        """Those of all claims."""
        return (check for claim in self.claims for check in claim.checks)

    @property
    def seeds(self) -> list[int]:
        """Of its runs; measures without runs draw from them too."""
        return list(dict.fromkeys(one.experiment.seed for one in self.plan.variants))

    def chosen(self, selection: Selection) -> list[Variant]:
        """The variants that a selection names."""
        return [one for one in self.plan.variants if matches(dict(one.settings), selection)]


def read_case(path: Path, *, full: bool = False, source: str | None = None) -> Case:
    """The claims of a YAML file; ConfigError names the line of every fault.

    `full` applies its `full:` section. `source` takes the place of the built-in images, as many of
    each split; experiments on other data (points, gaussian rows, files) stay as they are.
    """
    document = opened(path)
    sections = {key: document.section(key).value for key in CLAIM_SECTIONS}
    written = {key: value for key, value in sections.items() if value is not None}
    if "claims" not in written:
        raise ConfigError([Fault(str(path), "claims", "missing: there is nothing to judge")])
    inside = Document(document.origin, written, document.key_places, document.value_places)
    claims = validate(Claims, inside)
    if full:
        document = _with_settings(document, claims.full)
    case = Case(path, claims.claims, planned(_named(_on(document, source))))
    _check(case, document)
    return case


def has_claims(path: Path) -> bool:
    """Whether a config has a `claims:` section."""
    value = opened(path).value
    return isinstance(value, Mapping) and "claims" in value


def _with_settings(document: Document, settings: Mapping[str, Any]) -> Document:
    """The document with these values on top: of swept paths where they are swept."""
    for path, value in settings.items():
        swept = document.section("sweep").section("parameters").value
        inside = isinstance(swept, Mapping) and path in swept
        keys = ("sweep", "parameters", path) if inside else dotted(path)
        document = document.with_value(keys, value, document.place(("full", path)))
    return document


def _on(document: Document, source: str | None) -> Document:
    """On this source of images instead of the built-in ones."""
    written = document.section("data").section("source").value
    settings = {"name": written} if isinstance(written, str) else dict(written or {})
    if source is None or settings.get("name", "synthetic") != "synthetic":
        return document
    kept = {key: settings[key] for key in ("train", "validation", "test") if key in settings}
    place = document.place(("data", "source"))
    return document.with_value(("data", "source"), {"name": source, **kept}, place)


def _named(document: Document) -> Document:
    return document.with_value(("name",), FOLDER, document.place(("name",)))


def _check(case: Case, document: Document) -> None:
    """Every selection names runs, and every run that is compared has a partner."""
    faults = []
    for n, claim in enumerate(case.claims):
        for k, check in enumerate(claim.checks):
            for keys, message in _faults(case, check):
                where = ("claims", n, "checks", k, *keys)
                faults.append(Fault(document.place(where), ".".join(map(str, where)), message))
    if faults:
        raise ConfigError(faults)


def _faults(case: Case, check: Check) -> Iterator[tuple[Keys, str]]:
    """What is wrong with a check, each with the keys below it that lead there."""
    if check.over == "seed":
        yield ("over",), "seeds are repetitions; name what else is swept"
    elif check.over and check.over not in case.plan.keys:
        yield ("over",), f"'{check.over}' is not swept here{suggestion(check.over, case.plan.keys)}"
    for keys, selection in check.selected.items():
        yield from ((keys, message) for message in _unknown(case, selection))
    if not isinstance(check.measure, Exact) and len(case.seeds) < 2:
        yield (), "a single seed gives no interval; sweep more, such as seed: range(5)"


def _unknown(case: Case, selection: Selection) -> Iterator[str]:
    """Paths that are not swept, values that no run has, and combinations that none has."""
    for key, wanted in selection.items():
        if key not in case.plan.keys:
            yield f"'{key}' is not swept here{suggestion(key, case.plan.keys)}"
            return
        for value in values_of(wanted):
            if not case.chosen({key: (value,)}):
                there = {shown(one.settings[key]) for one in case.plan.variants}
                yield f"no run has {key} '{shown(value)}'{suggestion(shown(value), there)}"
                return
    if not case.chosen(selection):
        yield f"no run has {', '.join(f'{k} {shown(v)}' for k, v in selection.items())} together"
