"""Parts by name, for notebooks: `actlab.activation("leaky_relu", slope=0.1)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from actlab.config import Document, Part
from actlab.config.validation import validated
from actlab.nn.activations import Activation
from actlab.nn.initializers import Initializer

AnyPart = TypeVar("AnyPart", bound=Part)


def activation(name: str, **settings: Any) -> Activation:
    """The activation of this name or alias; ConfigError names the nearest if there is none.

    Its `value(x)` and `gradient(x, dy)` take arrays of any shape.
    """
    return _part(Activation.parse, Activation.family, name, settings)


def initializer(name: str, **settings: Any) -> Initializer:
    """The initializer of this name or alias; ConfigError names the nearest if there is none.

    Its `sample(fan_in, fan_out, rng)` is a float64 matrix (fan_in, fan_out).
    """
    return _part(Initializer.parse, Initializer.family, name, settings)


def _part(
    parse: Callable[[Any], AnyPart], family: str, name: str, settings: dict[str, Any]
) -> AnyPart:
    return validated(parse, Document(family, {"name": name, **settings}))
