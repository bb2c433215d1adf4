"""The values that a swept key takes, as people write them: lists, ranges, spaced numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from actlab.config import parse

MOST_VALUES = 100_000
_CALL = re.compile(r"(range|linspace|logspace|geomspace)\((.*)\)")
_OPENING, _CLOSING = "([{", ")]}"


def values_in(text: str) -> list[Any]:
    """`relu,tanh`, `range(2,20,2)`, `logspace(-4,-1,7)`, `{name: gaussian, std: 0.01}`, or a mix.

    Commas outside of brackets and quotes separate; each piece is a call of range, linspace,
    logspace or geomspace, or YAML. Raises ValueError with a remedy.
    """
    return [value for piece in pieces(text) for value in _expanded(piece)]


def is_list(text: str) -> bool:
    """Whether a text stands for several values rather than for one."""
    return len(list(pieces(text))) > 1 or _CALL.fullmatch(text.strip()) is not None


def values_of(written: Any) -> list[Any]:
    """The values of a key of `parameters:`; words in it may be calls such as `range(5)`."""
    if isinstance(written, str):
        return values_in(written)
    if not isinstance(written, list | tuple):
        return [written]
    return [
        value
        for item in written
        for value in (
            _expanded(item) if isinstance(item, str) and _CALL.fullmatch(item) else [item]
        )
    ]


def shown(value: Any) -> str:
    """A value in as few characters as tell it apart: `he_normal`, `gaussian(std=0.01)`, `1e-4`."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "none"}[value]
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    if isinstance(value, Mapping):
        rest = ",".join(f"{key}={shown(below)}" for key, below in value.items() if key != "name")
        return str(value.get("name", "")) + (f"({rest})" if rest else "")
    if isinstance(value, list | tuple):
        return "+".join(map(shown, value)) or "none"
    return str(value)


def pieces(text: str) -> Iterator[str]:
    """What the commas outside of brackets and quotes separate."""
    depth, start, quote = 0, 0, ""
    for place, letter in enumerate(text):
        if quote or letter in "'\"":
            quote = "" if letter == quote else quote or letter
        elif letter in _OPENING:
            depth += 1
        elif letter in _CLOSING:
            depth -= 1
        elif letter == "," and depth == 0:
            yield text[start:place].strip()
            start = place + 1
    yield text[start:].strip()


def _expanded(piece: str) -> list[Any]:
    call = _CALL.fullmatch(piece.strip())
    if call is None:
        return [parse(piece, f"command line: {piece}").value]
    name, inside = call.groups()
    try:
        values = _CALLS[name](*map(float, inside.split(",")))
    except (TypeError, ValueError, OverflowError, MemoryError) as error:
        raise ValueError(f"cannot read {piece!r}; write {_FORMS[name]}") from error
    if not values:
        raise ValueError(f"{piece!r} holds no value")
    return values


def _range(*limits: float) -> list[Any]:
    whole = range(*map(_whole, limits))
    if len(whole) > MOST_VALUES:
        raise ValueError("too many values")
    return list(whole)


def _spaced(space: Callable[..., Any]) -> Callable[[float, float, float], list[Any]]:
    def spaced(first: float, last: float, n: float) -> list[Any]:
        if not 1 <= n <= MOST_VALUES:
            raise ValueError("too many values, or none")
        with np.errstate(all="ignore"):
            values = space(first, last, _whole(n)).tolist()
        if not np.isfinite(values).all():
            raise ValueError("not finite")
        return [float(f"{value:.6g}") for value in values]

    return spaced


def _whole(number: float) -> int:
    if number != int(number):
        raise ValueError(f"{number} is no whole number")
    return int(number)


_CALLS: dict[str, Callable[..., list[Any]]] = {
    "range": _range,
    "linspace": _spaced(np.linspace),
    "logspace": _spaced(np.logspace),
    "geomspace": _spaced(np.geomspace),
}
_FORMS = {
    "range": "range(STOP), range(START,STOP) or range(START,STOP,STEP) in whole numbers",
    "linspace": "linspace(FIRST,LAST,HOW_MANY)",
    "logspace": "logspace(EXPONENT_OF_FIRST,EXPONENT_OF_LAST,HOW_MANY)",
    "geomspace": "geomspace(FIRST,LAST,HOW_MANY), both of one sign",
}
