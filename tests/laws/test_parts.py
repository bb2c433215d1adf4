"""The laws of all parts: they can be written, read, listed, found, and they cite their source."""

import json

import jsonschema
import pytest
from cases import title, variants

from actlab import registry
from actlab.config import members, validate
from actlab.config.documents import parse, write
from actlab.experiment import Experiment, load

ALL = [part for family in registry.registered().values() for part in family.values()]
EVERY_PART = pytest.mark.parametrize("part", ALL, ids=lambda part: f"{part.family}-{part.name}")
COMPLETE = [part for part in ALL if not any(f.is_required() for f in part.model_fields.values())]
"""Those that a word alone stands for; measures that need more are written and read in
tests/claims/test_the_lecture.py."""
EVERY_COMPLETE_PART = pytest.mark.parametrize(
    "part", COMPLETE, ids=lambda part: f"{part.family}-{part.name}"
)
PLACES = {
    "activation": "model.activation",
    "initializer": "model.init",
    "source": "data.source",
    "loss": "train.loss",
    "optimizer": "train.optimizer",
    "schedule": "train.schedule",
    "averaging": "data.test_time",
}
LISTS = {
    "preprocessing": "data.preprocess",
    "augmentation": "data.augment",
    "probe": "record.probes",
}


def config_with(part, written):
    """A config that names the part at its place; None for what configs do not name."""
    if part.family in PLACES:
        section, key = PLACES[part.family].split(".")
        return {section: {key: written}}
    if part.family in LISTS:
        section, key = LISTS[part.family].split(".")
        return {section: {key: [written]}}
    if part.family == "regularizer":
        settings = {} if isinstance(written, str) else {**written}
        settings.pop("name", None)
        model = {"residual": True} if part.needs_residual else {}
        return {"regularization": {part.name: settings}, "model": model}
    return None


@EVERY_PART
def test_states_its_formula_and_source(part):
    assert part.formula().endswith(".") and len(part.formula()) > 10
    assert part.source(), f"{part.__name__} names no Source:"


@EVERY_PART
def test_settings_are_described(part):
    assert [name for name, field in part.model_fields.items() if not field.description] == []


@EVERY_COMPLETE_PART
def test_model_to_yaml_to_model_is_the_identity(part):
    for variant in variants(part):
        config = config_with(part, variant.written())
        if config is None:
            continue
        experiment = load(config)
        text = write(experiment.resolved())
        again = validate(Experiment, parse(text))
        assert again == experiment and write(again.resolved()) == text
        assert again.digest == experiment.digest


@EVERY_COMPLETE_PART
def test_schema_accepts_the_part(part):
    config = config_with(part, part().written())
    if config is not None:
        jsonschema.validate(json.loads(json.dumps(config)), Experiment.model_json_schema())


@EVERY_PART
def test_aliases_mean_the_same(part):
    for alias in part.aliases:
        assert registry.find(part.family, alias)[alias] is part


def test_names_and_aliases_are_unique():
    for family in registry.families():
        words = [w for p in members(family).values() for w in (p.name, *p.aliases)]
        assert len(words) == len(set(words)), family


def test_titles_tell_cases_apart():
    assert len({title(part()) for part in COMPLETE}) > 1
