"""The base of everything that a config can name: settings, parts, and their families.

A part (an activation, an initializer, an optimizer, ...) is one frozen pydantic model: its fields
are its YAML settings, its methods its maths, its docstring its entry in `actlab list`. Defining
the class registers it; there is no second table.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.annotated_handlers import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from actlab.config.faults import suggestion


class Settings(BaseModel):
    """A frozen group of settings; unknown keys, loose types, NaN and infinities are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @classmethod
    def words(cls) -> dict[str, FieldInfo]:
        """The settings by the word that YAML has for them: `lambda` is no name in Python."""
        return {field.alias or name: field for name, field in cls.model_fields.items()}

    @model_validator(mode="wrap")
    @classmethod
    def _name_nearest_key(cls, value: Any, validate: Any) -> Self:
        try:
            return validate(value)
        except ValidationError as error:
            raise ValidationError.from_exception_data(
                cls.__name__,
                [_with_nearest_key(fault, cls.words()) for fault in error.errors()],
            ) from None


class Part(Settings):
    """Base of all parts. A subclass with `family` opens a family; one with `name` joins it.

    The docstring's first line is the formula or deed; a paragraph starting `Source:` cites it.
    """

    family: ClassVar[str]
    name: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    short_for_number: ClassVar[tuple[str, str] | None] = None
    """In a family: the part and setting that a bare number stands for."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "family" in cls.__dict__:
            _families.setdefault(cls.family, {})
        if "name" in cls.__dict__:
            _families[cls.family][cls.name] = cls

    @classmethod
    def parse(cls, value: Any) -> Self:
        """A part from a word, a mapping with `name`, or (where the family allows) a number."""
        if isinstance(value, cls):
            return value
        if cls.short_for_number and isinstance(value, int | float) and not isinstance(value, bool):
            word, setting = cls.short_for_number
            value = {"name": word, setting: float(value)}
        settings = {"name": value} if isinstance(value, str) else value
        if not isinstance(settings, Mapping) or not isinstance(settings.get("name"), str):
            raise PydanticCustomError(
                "part_shape",
                "{value} is not of the form NAME or {name: NAME, setting: value}; known: {known}",
                {"value": repr(value), "known": ", ".join(members(cls.family))},
            )
        part = member(cls.family, settings["name"])
        return part.model_validate({k: v for k, v in settings.items() if k != "name"})  # type: ignore[return-value]

    def written(self) -> str | dict[str, Any]:
        """The part as it stands in a resolved config: every setting, or the bare word if none."""
        settings = self.model_dump(mode="json", exclude_none=True, by_alias=True)
        return {"name": self.name, **settings} if settings else self.name

    @classmethod
    def formula(cls) -> str:
        """First paragraph of the docstring."""
        return " ".join((inspect.getdoc(cls) or "").split("\n\n")[0].split())

    @classmethod
    def source(cls) -> str:
        """The citation in the docstring, without its `Source:`; empty if there is none."""
        for paragraph in (inspect.getdoc(cls) or "").split("\n\n"):
            if paragraph.startswith("Source:"):
                return " ".join(paragraph.removeprefix("Source:").split())
        return ""

    @classmethod
    def facts(cls) -> dict[str, str]:
        """What else a family declares of its parts, for `actlab list`."""
        return {}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        if "name" in cls.__dict__:
            return handler(source)
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda p: p.written()),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        if "name" in cls.__dict__:
            return handler(schema)
        parts = members(cls.family)
        words = [word for part in parts.values() for word in (part.name, *part.aliases)]
        forms: list[dict[str, Any]] = [{"enum": words}]
        forms += [_mapping_schema(part, handler) for part in parts.values()]
        if cls.short_for_number:
            forms.append({"type": "number"})
        return {"anyOf": forms, "description": f"One of the {cls.family}s: see `actlab list`."}


_families: dict[str, dict[str, type[Part]]] = {}


def families() -> list[str]:
    """Names of all families, in order of definition."""
    return list(_families)


def members(family: str) -> dict[str, type[Part]]:
    """The registered parts of a family by name, in alphabetical order."""
    return dict(sorted(_families[family].items()))


def member(family: str, word: str) -> type[Part]:
    """The part of a family with this name or alias; PydanticCustomError names the nearest."""
    known = {w: part for part in _families[family].values() for w in (part.name, *part.aliases)}
    if word not in known:
        raise PydanticCustomError(
            "unknown_part",
            "unknown '{word}'{nearest}",
            {"word": word, "nearest": suggestion(word, known)},
        )
    return known[word]


def import_parts(package: str, path: Iterable[str]) -> None:
    """Import every module of a package, so that the parts in it register themselves."""
    for module in sorted(found.name for found in pkgutil.iter_modules(path)):
        importlib.import_module(f"{package}.{module}")


def raised_again(fault: Any, below: tuple[str, ...] = ()) -> InitErrorDetails:
    """A fault of a ValidationError, to be raised once more, its place further down by `below`."""
    kind: Any = fault["type"]
    if kind in ("value_error", "assertion_error"):
        kind = PydanticCustomError("said", "{said}", {"said": str(fault["ctx"]["error"])})
    elif kind not in _STANDARD_KINDS:
        kind = PydanticCustomError(kind, "{said}", {"said": fault["msg"]})
    return InitErrorDetails(
        type=kind, loc=(*below, *fault["loc"]), input=fault["input"], ctx=fault.get("ctx", {})
    )


_STANDARD_KINDS = frozenset(get_args(core_schema.ErrorType))


def _with_nearest_key(fault: Any, fields: Mapping[str, Any]) -> InitErrorDetails:
    """The same fault, but for an unknown key in this group: with the nearest known key."""
    if fault["type"] != "extra_forbidden" or len(fault["loc"]) > 1:
        return raised_again(fault)
    (key,) = fault["loc"]
    nearest = {"key": key, "nearest": suggestion(key, fields)}
    kind = PydanticCustomError("unknown_key", "unknown key '{key}'{nearest}", nearest)
    return InitErrorDetails(type=kind, loc=fault["loc"], input=fault["input"])


def _mapping_schema(part: type[Part], handler: GetJsonSchemaHandler) -> dict[str, Any]:
    schema = dict(handler.resolve_ref_schema(handler(part.__pydantic_core_schema__)))
    words = [part.name, *part.aliases]
    return {
        **schema,
        "title": part.name,
        "description": part.formula(),
        "properties": {"name": {"enum": words}, **schema.get("properties", {})},
        "required": ["name", *schema.get("required", [])],
    }
