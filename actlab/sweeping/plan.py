"""A config with a `sweep:` section as a list of labelled experiments, all of them validated."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from actlab.config import ConfigError, Document, Fault, dotted, validate
from actlab.experiment import CLAIM_SECTIONS, SWEEP_SECTIONS, Experiment, opened
from actlab.sweeping.spec import VARIANT, Combination, Sweep, Tune
from actlab.sweeping.values import is_list, shown, values_in

Section = TypeVar("Section", Sweep, Tune)


@dataclass(frozen=True)
class Variant:
    """One run of a sweep: what differs in it from the others, and all of it."""

    label: str
    settings: Mapping[str, Any]
    experiment: Experiment
    tuned: Mapping[str, Any] = field(default_factory=dict)
    """What trials chose for it."""


@dataclass(frozen=True)
class Plan:
    """The runs of a sweep, in order, and the config they come from as it was written."""

    name: str
    variants: tuple[Variant, ...]
    tune: Tune | None = None
    written: Mapping[str, Any] = field(default_factory=dict)

    @property
    def keys(self) -> list[str]:
        """The dotted paths that vary."""
        return list(dict.fromkeys(key for one in self.variants for key in one.settings))

    def smoke(self) -> Plan:
        """The same variants on so little data that each trains in seconds."""
        small = [replace(one, experiment=one.experiment.smoke()) for one in self.variants]
        tune = self.tune and self.tune.model_copy(update={"epochs": min(self.tune.epochs, 1)})
        return replace(self, variants=tuple(small), tune=tune)


def plan(
    source: str | os.PathLike[str] | Mapping[str, Any], assignments: Sequence[str] = ()
) -> Plan:
    """The runs that a config asks for, with `path=value` or `path=several,values` on top.

    A path with one value is no longer swept. Raises ConfigError with every fault of any variant.
    """
    document = opened(source)
    for assignment in assignments:
        document = _assigned(document, assignment)
    return planned(document)


def planned(document: Document) -> Plan:
    """The runs that the document of a config asks for; ConfigError as of `plan`."""
    base = document.without(*SWEEP_SECTIONS, *CLAIM_SECTIONS)
    sweep = _section(document, "sweep", Sweep)
    tune = _section(document, "tune", Tune)
    combinations = sweep.combinations() if sweep else [{}]
    variants = _variants(base, sweep, combinations, _places(document, sweep))
    name = variants[0].experiment.name if variants else "sweep"
    made = Plan(name, tuple(variants), tune, document.value)
    _check(made, document)
    return made


def with_settings(experiment: Experiment, settings: Mapping[str, Any]) -> Experiment:
    """The same experiment but for these dotted paths."""
    document = Document("<config>", experiment.resolved())
    for key, value in settings.items():
        document = document.with_value(dotted(key), value, "tune")
    return validate(Experiment, document)


def labels(combinations: Sequence[Combination]) -> list[str]:
    """`init=he_normal,depth=5,seed=0` for each: the last words of paths that tell them apart."""
    names = _short_names({key for one in combinations for key in one})
    return [
        ",".join(f"{names[key]}={shown(value)}" for key, value in one.items()) or "only"
        for one in combinations
    ]


def _differing(combinations: Sequence[Combination]) -> list[Combination]:
    """The combinations without the paths that have one value throughout."""
    first = combinations[0] if combinations else {}
    varying = [key for key in first if any(one[key] != first[key] for one in combinations)]
    return [{key: one[key] for key in varying} for one in combinations]


def _assigned(document: Document, assignment: str) -> Document:
    """A list on the command line is swept; a single value overrides what is, or is swept, there."""
    path, equals, text = assignment.partition("=")
    parameters = document.section("sweep").section("parameters").value
    swept = isinstance(parameters, Mapping) and path in parameters
    if not equals or not (swept or is_list(text)):
        return document.override(assignment)
    try:
        values = values_in(text)
    except ValueError as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError([Fault("command line", path, str(error))]) from error
    return document.with_value(("sweep", "parameters", path), values, "command line")


def _section(document: Document, key: str, model: type[Section]) -> Section | None:
    section = document.section(key)
    if section.value is None:
        return None
    if not isinstance(section.value, Mapping):
        message = "must be a mapping such as {parameters: {seed: range(5)}}"
        raise ConfigError([Fault(section.place(()), key, message)])
    try:
        return validate(model, section)
    except ConfigError as error:
        raise ConfigError(_within(key, fault) for fault in error.faults) from error


def _within(section: str, fault: Fault) -> Fault:
    key = f"{section}.{fault.key}".strip(".")
    return replace(fault, key=key, message=fault.message.removeprefix("Value error, "))


def _places(document: Document, sweep: Sweep | None) -> dict[tuple[str, str], str]:
    """Where the values of each swept path stand; of those of a variant, by its name."""
    if sweep is None:
        return {}
    inside, named = (document.section("sweep").section(key) for key in ("parameters", "variants"))
    places = {("", key): inside.place((key,)) for key in sweep.parameters}
    return places | {
        (name, key): named.place((name, key))
        for name, settings in sweep.variants.items()
        for key in settings
    }


def _variants(
    base: Document,
    sweep: Sweep | None,
    combinations: Sequence[Combination],
    places: Mapping[tuple[str, str], str],
) -> list[Variant]:
    faults: list[Fault] = []
    found: list[Variant] = []
    differing = _differing(combinations)
    for label, settings, whole in zip(labels(differing), differing, combinations, strict=True):
        document, name = base, str(whole.get(VARIANT, ""))
        for key, value in sweep.settings(whole).items() if sweep else ():
            place = places[(name, key)] if (name, key) in places else places[("", key)]
            document = document.with_value(dotted(key), value, place)
        try:
            found.append(Variant(label, settings, validate(Experiment, document)))
        except ConfigError as error:
            faults += error.faults
    if faults:
        raise ConfigError(dict.fromkeys(faults))
    return found


def _check(made: Plan, document: Document) -> None:
    """There is something to train, nothing twice, and something to tune by."""
    place = document.place(("sweep",))
    if not made.variants:
        raise ConfigError([Fault(place, "sweep", "leaves nothing to train; exclude less")])
    if len({one.experiment.name for one in made.variants}) > 1:
        raise ConfigError([Fault(place, "name", "cannot be swept: it names the sweep's folder")])
    digests = Counter(one.experiment.digest for one in made.variants)
    twice = [one.label for one in made.variants if digests[one.experiment.digest] > 1]
    if twice:
        message = f"{twice[0]} and {twice[1]} are the same experiment; leave one out"
        raise ConfigError([Fault(place, "sweep", message)])
    if made.tune:
        _check_tuning(made.tune, made.variants, document.place(("tune",)))


def _check_tuning(tune: Tune, variants: Iterable[Variant], place: str) -> None:
    for one in variants:
        if tune.by.startswith("val_") and not one.experiment.data.source.sizes[1]:
            raise ConfigError([Fault(place, "tune.by", f"{tune.by} needs validation examples")])
        for settings in tune.combinations():
            with_settings(one.experiment, settings)


def _short_names(keys: Iterable[str]) -> dict[str, str]:
    """The last words of each path that no other path ends in."""
    tails = {key: [key.split(".")[-n:] for n in range(1, key.count(".") + 2)] for key in keys}
    known = Counter(".".join(tail) for found in tails.values() for tail in found)
    return {
        key: next((t for tail in found if known[t := ".".join(tail)] == 1), key)
        for key, found in tails.items()
    }
