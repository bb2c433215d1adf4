"""All families of parts that configs and commands can name, imported and ready to look up."""

from __future__ import annotations

from pydantic_core import PydanticCustomError

import actlab.claims.measures
import actlab.experiment
import actlab.explaining
import actlab.figures  # noqa: F401 (these imports register all parts)
from actlab.config import ConfigError, Fault, Part, families, member, members, suggestion


def registered() -> dict[str, dict[str, type[Part]]]:
    """Every family by its plural, and its parts by name."""
    return {plural(family): members(family) for family in families()}


def plural(family: str) -> str:
    """`activation` -> `activations`; `preprocessing` has none."""
    return family if family.endswith("ing") else family + ("es" if family.endswith("s") else "s")


def find(family: str, name: str | None = None) -> dict[str, type[Part]]:
    """The parts of a family, in singular or plural, or the one of this name or alias."""
    words = {word: one for one in families() for word in (one, plural(one))}
    if family not in words:
        raise _unknown(f"unknown family '{family}'{suggestion(family, words)}")
    if name is None:
        return members(words[family])
    try:
        return {name: member(words[family], name)}
    except PydanticCustomError as error:
        raise _unknown(error.message()) from error


def _unknown(message: str) -> ConfigError:
    return ConfigError([Fault("command line", "", message)])
