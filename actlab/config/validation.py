"""Turn a document into a settings model, or into one fault per thing that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from actlab.config.documents import Document, Keys
from actlab.config.faults import ConfigError, Fault

Model = TypeVar("Model", bound=BaseModel)
Parsed = TypeVar("Parsed")

_EXPECTED = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "a word",
    "tuple": "a list",
    "list": "a list",
    "dict": "a mapping",
    "model": "a mapping of settings",
    "mapping": "a mapping",
}
_BOUNDS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
    "literal_error": ("one of", "expected"),
    "finite_number": ("a finite number", ""),
    "too_short": ("a list of at least", "min_length"),
}


def validate(model: type[Model], document: Document) -> Model:
    """The document as `model`; ConfigError with a line per fault otherwise."""
    if not isinstance(document.value, Mapping):
        message = (
            f"a config is a mapping such as 'model: {{activation: tanh}}', not {document.value!r}"
        )
        raise ConfigError([Fault(document.place(()), "", message)])
    return validated(model.model_validate, document)


def validated(parse: Callable[[Any], Parsed], document: Document) -> Parsed:
    """What `parse` makes of a document's value; ConfigError with a line per fault otherwise."""
    try:
        return parse(_frozen(document.value))
    except ValidationError as error:
        raise ConfigError(_faults(error, document)) from error
    except PydanticCustomError as error:
        raise ConfigError([Fault(document.place(()), "", error.message())]) from error


def _frozen(value: Any) -> Any:
    """Lists as tuples and NumPy scalars as Python's, which is what strict models accept."""
    if isinstance(value, Mapping):
        return {key: _frozen(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_frozen(below) for below in value)
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return _frozen(value.tolist())
    return value


def _faults(error: ValidationError, document: Document) -> list[Fault]:
    """One fault per place: what the branches of a union each expected is said in one line."""
    wanted: dict[Keys, list[str]] = {}
    said: dict[Keys, str] = {}
    values: dict[Keys, Any] = {}
    for detail in error.errors(include_url=False):
        keys = _standing(detail["loc"], document.value)
        values[keys] = detail["input"]
        if expected := _expected(detail):
            wanted.setdefault(keys, []).append(expected)
        else:
            said[keys] = "missing" if detail["type"] == "missing" else detail["msg"]
    faults = {keys: _must_be(expected, values[keys]) for keys, expected in wanted.items()}
    return [
        Fault(document.place(keys, of_key="unknown key" in text), ".".join(map(str, keys)), text)
        for keys, text in sorted({**faults, **said}.items(), key=_order_in(document))
    ]


def _order_in(document: Document) -> Callable[[tuple[Keys, str]], tuple[int, str]]:
    """Sorts faults as a reader meets them."""
    order = {keys: index for index, keys in enumerate(document.value_places)}
    return lambda fault: (order.get(fault[0], len(order)), str(fault[0]))


def _must_be(expected: list[str], value: Any) -> str:
    return f"must be {' or '.join(dict.fromkeys(expected))}, not {_shown(value)}"


def _shown(value: Any) -> str:
    text = repr(list(value) if isinstance(value, tuple) else value)
    text = {"None": "empty", "True": "true", "False": "false"}.get(text, text)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _standing(loc: tuple[str | int, ...], tree: Any) -> Keys:
    """The part of a pydantic location that names keys: without the labels of union branches."""
    keys: list[str | int] = []
    for step in loc:
        if isinstance(tree, Mapping) and isinstance(step, str):
            keys.append(step)
            if step not in tree:
                break
            tree = tree[step]
        elif isinstance(tree, list | tuple) and isinstance(step, int) and step < len(tree):
            keys.append(step)
            tree = tree[step]
        else:
            break
    return tuple(keys)


def _expected(detail: Any) -> str:
    """What the place should have held, in words; empty if pydantic's message says it."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        limit = context.get(bound, "")
        return f"{words} {limit:g}" if isinstance(limit, float) else f"{words} {limit}".strip()
    stem, _, what = kind.rpartition("_")
    if what in ("type", "parsing"):
        return _EXPECTED.get(stem, "")
    return "a whole number" if kind == "int_from_float" else ""
