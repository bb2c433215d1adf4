"""The `sweep:` and `tune:` sections of a config, and the combinations of values they ask for."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from actlab.config import Settings, suggestion
from actlab.sweeping.values import MOST_VALUES, values_of

Combination = dict[str, Any]
"""A value for each swept key."""
VARIANT = "variant"
"""The key under which a combination has the name of its variant."""


class Sweep(Settings):
    """Which variants of a config to train."""

    parameters: dict[str, Any] = Field(
        default_factory=dict, description="dotted path: list of values, or text such as range(5)"
    )
    variants: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="name: {dotted path: value}; each with all parameters"
    )
    zip: tuple[tuple[str, ...], ...] = Field(
        (), description="groups of paths that take their values in step, not in all combinations"
    )
    exclude: tuple[dict[str, Any], ...] = Field(
        (), description="combinations to leave out; each names a value, or a list, by path"
    )
    method: Literal["grid", "random"] = Field("grid", description="all combinations, or some")
    samples: int | None = Field(None, ge=1, description="how many random ones, with all seeds each")
    sample_seed: int = Field(0, ge=0, description="which random ones")

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if not self.parameters and not self.variants:
            raise ValueError("name parameters or variants to sweep")
        self._check_names()
        lengths = {key: len(values) for key, values in self._values().items()}
        for group in self.zip:
            if len({lengths[key] for key in group}) > 1:
                counts = ", ".join(f"{key} {lengths[key]}" for key in group)
                raise ValueError(f"zip needs as many values of each: {counts}")
        if (self.method == "random") != (self.samples is not None):
            raise ValueError("samples goes with method: random, and needs it")
        if prod(len(rows) for _, rows in self._axes()) > MOST_VALUES:
            raise ValueError(f"more than {MOST_VALUES:,} combinations")
        return self

    def _check_names(self) -> None:
        zipped = [key for group in self.zip for key in group]
        excluded = [key for one in self.exclude for key in one]
        for key in (*zipped, *excluded):
            if key not in self._values():
                nearest = suggestion(key, self._values())
                raise ValueError(f"'{key}' is not among the parameters{nearest}")
        if len(zipped) > len(set(zipped)):
            raise ValueError("a path may stand in one group of zip only")

    def combinations(self) -> list[Combination]:
        """What to train, in the order written: the last path varies fastest."""
        axes = self._axes()
        combined = [
            {key: value for row in rows for key, value in row.items()}
            for rows in product(*(rows for _, rows in axes))
        ]
        left = [one for one in combined if not any(matches(one, no) for no in self.exclude)]
        return self._sampled(left) if self.method == "random" else left

    def _values(self) -> dict[str, list[Any]]:
        named = {VARIANT: list(self.variants)} if self.variants else {}
        return named | {key: values_of(written) for key, written in self.parameters.items()}

    def settings(self, combination: Combination) -> Combination:
        """The dotted paths that a combination sets: those of its variant, then its own."""
        inside = self.variants.get(str(combination.get(VARIANT)), {})
        return inside | {key: value for key, value in combination.items() if key != VARIANT}

    def _axes(self) -> list[tuple[Sequence[str], list[Combination]]]:
        """Paths that vary together, and the rows of values they take."""
        values = self._values()
        groups: dict[str, Sequence[str]] = {key: (key,) for key in values}
        for group in self.zip:
            groups |= dict.fromkeys(group, group)
        return [
            (group, [dict(zip(group, row, strict=True)) for row in _rows(values, group)])
            for group in dict.fromkeys(map(tuple, groups.values()))
        ]

    def _sampled(self, combinations: Sequence[Combination]) -> list[Combination]:
        """Random ones without repetition; every one drawn comes with all of its seeds."""
        texts = [_without_seed(one) for one in combinations]
        different = list(dict.fromkeys(texts))
        n = min(self.samples or 0, len(different))
        drawn = set(random.Random(self.sample_seed).sample(different, n))
        return [one for one, text in zip(combinations, texts, strict=True) if text in drawn]


def _paths_allowed(schema: dict[str, Any]) -> None:
    """In the JSON Schema, what a config says: paths beside `by` and `epochs`."""
    del schema["properties"]["parameters"], schema["required"]
    schema["additionalProperties"] = {"type": ["array", "string"]}


class Tune(Settings):
    """Settings to choose for every variant before it is trained, by trying each value shortly."""

    model_config = ConfigDict(json_schema_extra=_paths_allowed)

    parameters: dict[str, Any] = Field(min_length=1, description="dotted path: values to try")
    by: str = Field("val_loss", description="final metric that chooses")
    epochs: int = Field(2, ge=0, description="of each trial")

    @model_validator(mode="before")
    @classmethod
    def _paths_beside_settings(cls, value: Any) -> Any:
        """Paths stand beside `by` and `epochs`; they are what has a dot in it."""
        if not isinstance(value, Mapping) or "parameters" in value:
            return value
        paths = {key: below for key, below in value.items() if "." in str(key)}
        rest = {key: below for key, below in value.items() if key not in paths}
        return {"parameters": paths, **rest}

    @model_validator(mode="after")
    def _readable(self) -> Self:
        self.combinations()
        return self

    def combinations(self) -> list[Combination]:
        """What to try, for each variant."""
        return Sweep(parameters=self.parameters).combinations()


def _rows(values: Mapping[str, list[Any]], group: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    return zip(*(values[key] for key in group), strict=False)


def matches(combination: Combination, pattern: Mapping[str, Any]) -> bool:
    """Whether each path of a pattern has the value, or one of the values, that it names."""
    return all(
        any(_same(combination[key], value) for value in values_of(wanted))
        for key, wanted in pattern.items()
    )


def _same(value: Any, wanted: Any) -> bool:
    """A plain word also stands for the part of that name with any settings."""
    if isinstance(wanted, str) and isinstance(value, Mapping):
        return value.get("name") == wanted
    return value == wanted


def _without_seed(combination: Combination) -> str:
    return json.dumps({key: value for key, value in combination.items() if key != "seed"})
