"""A claim as it stands in YAML: what is measured, over which variants, and when it holds."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Annotated, Any, Literal, Self

from pydantic import Field, WithJsonSchema, field_validator, model_validator

from actlab.claims.measures import Exact, Measure
from actlab.config import Keys, Settings
from actlab.sweeping.spec import VARIANT

TOPICS = (
    "functions",
    "activations",
    "preprocessing",
    "initialization",
    "regularization",
    "checks",
    "theory",
)
"""Of the lecture, in its order."""

Selection = Annotated[dict[str, Any], WithJsonSchema({"type": ["object", "string"]})]
"""By swept path, the value, or the list of values, that runs are chosen by."""


def place(topic: str, claim_id: str) -> tuple[int, str]:
    """Where a claim stands: topics in their order, ids by letter and number."""
    letters = claim_id.rstrip("0123456789")
    at = TOPICS.index(topic) if topic in TOPICS else len(TOPICS)
    return at, f"{letters}{claim_id[len(letters) :]:>6}"


class Threshold(Settings):
    """The range of effects for which a check holds."""

    above: float | None = Field(None, description="holds for effects above this")
    below: float | None = Field(None, description="holds for effects below this")
    equals: float | None = Field(None, description="holds for effects near this")
    within: float | None = Field(None, gt=0, description="how near")

    @model_validator(mode="after")
    def _some_range(self) -> Self:
        if (self.equals is None) != (self.within is None):
            raise ValueError("equals goes with within: how near is near enough")
        if self.equals is not None and (self.above, self.below) != (None, None):
            raise ValueError("name either equals and within, or above and below")
        if self.equals is None and self.above is None and self.below is None:
            raise ValueError("name what effects it holds for: above, below, or equals and within")
        if self.low >= self.high:
            raise ValueError("no effect lies above the one and below the other")
        return self

    @property
    def low(self) -> float:
        """The least effect for which the check holds."""
        if self.equals is not None and self.within is not None:
            return self.equals - self.within
        return -inf if self.above is None else self.above

    @property
    def high(self) -> float:
        """The greatest effect for which the check holds."""
        if self.equals is not None and self.within is not None:
            return self.equals + self.within
        return inf if self.below is None else self.below

    def __str__(self) -> str:
        if self.equals is not None:
            return f"{self.equals:g} ± {self.within:g}"
        if self.above is not None and self.below is not None:
            return f"{self.above:g} to {self.below:g}"
        return f"above {self.above:g}" if self.above is not None else f"below {self.below:g}"


class Check(Settings):
    """One comparison, and the range of its effect for which it holds.

    The effect is the measure of the runs chosen by `of`, averaged for each seed; or, run by run,
    its difference from or ratio to `against`; or its rank correlation over the values of a swept
    path, or with a second measure, over all variants of a seed; or the least step down an `order`.
    With `against` and `over`, the rank correlation is of the differences: how an effect changes.
    """

    says: str = Field("", description="what is compared, in words; the measure's if absent")
    measure: Measure
    of: Selection = Field(default_factory=dict, description="name of a variant, or {path: value}")
    against: Selection | None = Field(None, description="what it is compared with, seed by seed")
    by: Literal["difference", "ratio"] = Field("difference", description="of one to the other")
    over: str | None = Field(None, description="swept path: rank correlation over its values")
    correlates: Measure | None = Field(None, description="measure: rank correlation with it")
    order: tuple[Selection, ...] | None = Field(
        None, description="selections from the highest to the lowest; effect: the least step"
    )
    holds: Threshold
    because: str = Field(min_length=1, description="why this threshold")
    when: str = Field("", description="a condition that the verdict may depend on, in words")

    @field_validator("of", "against", mode="before")
    @classmethod
    def _variant_by_name(cls, value: Any) -> Any:
        return _named(value)

    @field_validator("order", mode="before")
    @classmethod
    def _variants_by_name(cls, value: Any) -> Any:
        if not isinstance(value, tuple | list):
            return value
        return tuple(map(_named, value))

    @model_validator(mode="after")
    def _one_comparison(self) -> Self:
        kinds: dict[str, Any] = {"against": self.against, "over": self.over, "order": self.order}
        kinds["correlates"] = self.correlates
        named = [word for word, value in kinds.items() if value is not None]
        if len(named) > 1 and named != ["against", "over"]:
            raise ValueError(f"compare in one way: {' or '.join(named)}")
        if self.by == "ratio" and self.against is None:
            raise ValueError("by: ratio needs against: what it is a ratio to")
        if isinstance(self.measure, Exact) and (named or self.of):
            raise ValueError(f"{self.measure.name} is of no run, so there are none to choose")
        if self.order is not None and len(self.order) < 2:
            raise ValueError("order: name at least two, from the highest to the lowest")
        return self

    @property
    def selected(self) -> dict[Keys, Selection]:
        """Every choice of runs that the check makes, by the keys under which it stands."""
        found: dict[Keys, Selection] = {("of",): self.of}
        if self.against is not None:
            found["against",] = self.against
        return found | {("order", n): one for n, one in enumerate(self.order or ())}

    @property
    def selections(self) -> list[Selection]:
        """Every choice of runs that the check makes."""
        return list(self.selected.values())

    @property
    def title(self) -> str:
        """What is compared, in words."""
        return self.says or self.measure.label


def _named(value: Any) -> Any:
    """A variant's name as a selection; in a list, since in words a comma would part it."""
    return {VARIANT: (value,)} if isinstance(value, str) else value


class Claim(Settings):
    """A sentence of the lecture and the checks that it is put to.

    It holds if all checks hold; where checks name conditions with `when`, it may depend on them.
    """

    id: str = Field(pattern=r"^[\w][\w.-]*$", max_length=40)
    topic: str = Field("own", description=f"{', '.join(TOPICS)}, or a word of your own")
    says: str = Field(min_length=1, description="the claim, in one sentence")
    source: str = Field("", description="who says so, when, where")
    expected: str = Field("holds", description="before measuring: the verdict one would expect")
    otherwise: str = Field("", description="before measuring: what it would mean if it fails")
    figure: Literal["checks", "phase_diagram"] = Field(
        "checks", description="phase_diagram: the first check's runs over both sigmas of theory"
    )
    checks: tuple[Check, ...]

    @field_validator("checks")
    @classmethod
    def _some_check(cls, value: Any) -> Any:
        if not value:
            raise ValueError("a claim needs at least one check")
        return value


class Claims(Settings):
    """The `claims:` and `full:` sections of a config."""

    claims: tuple[Claim, ...]
    full: Mapping[str, Any] = Field(
        default_factory=dict, description="dotted path: value, on top of the config with --full"
    )
