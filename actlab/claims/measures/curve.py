"""Functions of one number, scaled, moved and added up: what the claims about shapes compare."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from actlab.arrays import Array
from actlab.config import Settings
from actlab.nn.activations import Activation
from actlab.nn.activations.rows import Rows


def _on_each_number(f: Activation) -> Activation:
    if isinstance(f, Rows):
        raise ValueError(f"'{f.name}' acts across the units of a layer, not on each number alone")
    return f


OnNumbers = Annotated[Activation, AfterValidator(_on_each_number)]
"""An activation that acts on each number alone; several pieces (maxout) all get that number."""


def value(f: Activation, x: Array) -> Array:
    """f(x) for x (n,)."""
    return f.value(np.tile(x, f.widening))


def slope(f: Activation, x: Array) -> Array:
    """f'(x) for x (n,), at a kink the one that backward uses."""
    return f.gradient(np.tile(x, f.widening), np.ones_like(x)).reshape(f.widening, -1).sum(axis=0)


def _or_a_word(schema: dict[str, Any]) -> None:
    """In the JSON Schema, what a curve can be besides a mapping."""
    mapping = dict(schema)
    schema.clear()
    schema["anyOf"] = [{"type": "string"}, mapping]


class Curve(Settings):
    """y = offset + output_scale * f(input_scale * x); a plain word is f alone."""

    model_config = ConfigDict(json_schema_extra=_or_a_word)

    activation: Activation = Field(description="f")
    input_scale: float = Field(1.0, description="factor of x")
    output_scale: float = Field(1.0, description="factor of f")
    offset: float = Field(0.0, description="added last")

    @model_validator(mode="before")
    @classmethod
    def _of_an_activation_alone(cls, given: Any) -> Any:
        return {"activation": given} if isinstance(given, str) else given

    def value(self, x: Array) -> Array:
        """y at x (n,), which activations across units take as one row."""
        return self.offset + self.output_scale * value(self.activation, self.input_scale * x)

    @property
    def kinks(self) -> list[float]:
        """Where it is not differentiable."""
        if self.input_scale == 0:
            return []
        return [kink / self.input_scale for kink in self.activation.kinks]

    def __str__(self) -> str:
        inside = "x" if self.input_scale == 1 else f"{self.input_scale:g} x"
        text = f"{described(self.activation)}({inside})"
        text = text if self.output_scale == 1 else f"{self.output_scale:g} {text}"
        return text if self.offset == 0 else f"{text} {self.offset:+g}"


def as_tuple(given: Any) -> Any:
    """A list as it is, anything else as a list of one."""
    return given if isinstance(given, tuple | list) else (given,)


def one_or_several(schema: dict[str, Any]) -> None:
    """In the JSON Schema, one of them beside a list."""
    several = {key: schema.pop(key) for key in ("type", "items", "minItems") if key in schema}
    schema["anyOf"] = [several["items"], several]


Curves = Annotated[
    tuple[Curve, ...], BeforeValidator(as_tuple), Field(json_schema_extra=one_or_several)
]
"""One curve, or a list of them that are added."""


def total(curves: Iterable[Curve], x: Array) -> Array:
    """Their sum at x (n,)."""
    return np.sum([curve.value(x) for curve in curves], axis=0)


def described(f: Activation) -> str:
    """Its name, and the settings that are not the default."""
    usual = type(f)()
    settings = {
        field.alias or name: getattr(f, name)
        for name, field in type(f).model_fields.items()
        if getattr(f, name) != getattr(usual, name)
    }
    words = ", ".join(f"{key} {_short(value)}" for key, value in settings.items())
    return f"{f.name} ({words})" if words else f.name


def _short(setting: object) -> str:
    return f"{setting:g}" if isinstance(setting, float) else str(setting)
