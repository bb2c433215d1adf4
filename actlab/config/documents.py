"""Read YAML as people expect it, remembering the line and column of every key and value.

PyYAML speaks YAML 1.1, where `no` is false, `1e-3` a word, `010` eight and `2024-01-01` a date.
Here scalars follow the core schema of YAML 1.2 without its octal and hexadecimal forms, and a key
that stands twice in one mapping is an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import yaml

from actlab.config.faults import ConfigError, Fault

Keys = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with the scalars of YAML 1.2."""


_DIGITS = list("-+.0123456789")
_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in [
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", _DIGITS),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", _DIGITS),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", list("-+.")),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", ["<"]),
]:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), _first
    )
_Loader.add_constructor(
    "tag:yaml.org,2002:int",
    lambda loader, node: int(str(loader.construct_scalar(cast(yaml.ScalarNode, node)))),
)


@dataclass(frozen=True)
class Document:
    """The value of a YAML text, and for every key and value in it the place where it stands."""

    origin: str
    value: Any
    key_places: Mapping[Keys, str] = field(default_factory=dict)
    value_places: Mapping[Keys, str] = field(default_factory=dict)

    def place(self, keys: Keys, *, of_key: bool = False) -> str:
        """Where the value (or the key) under `keys` stands, or its nearest parent that stands."""
        places = self.key_places if of_key else self.value_places
        for length in range(len(keys), -1, -1):
            if keys[:length] in places:
                return places[keys[:length]]
        return self.origin

    def override(self, assignment: str) -> Document:
        """The document with `dotted.path=YAML value` applied on top.

        A part written as a plain word is opened into a mapping when a setting of it is named.
        """
        path, equals, text = assignment.partition("=")
        if not equals or not all(path.split(".")):
            remedy = "write KEY=VALUE, for example model.activation=relu"
            raise ConfigError([Fault("command line", "", f"cannot read {assignment!r}; {remedy}")])
        value = parse(text, f"command line: {assignment}").value
        return self.with_value(dotted(path), value, "command line")

    def with_value(self, keys: Keys, value: Any, place: str) -> Document:
        """The document with this value under `keys`, said in errors to stand at `place`."""
        opened = {keys[:n]: place for n in range(1, len(keys)) if keys[:n] not in self.key_places}
        return Document(
            self.origin,
            _with_value(self.value, keys, value),
            {**self.key_places, **opened, keys: place},
            {**_outside(self.value_places, keys), keys: place},
        )

    def section(self, key: str) -> Document:
        """What stands under a key of the document, with its places; None if nothing does."""
        inside = self.value.get(key) if isinstance(self.value, Mapping) else None
        return Document(
            self.place((key,)), inside, _below(self.key_places, key), _below(self.value_places, key)
        )

    def without(self, *keys: str) -> Document:
        """The document with these keys of its mapping left out."""
        if not isinstance(self.value, Mapping):
            return self
        left = {key: value for key, value in self.value.items() if key not in keys}
        return Document(self.origin, left, self.key_places, self.value_places)


def dotted(path: str) -> Keys:
    """`model.widths.0` as keys: what is all digits counts in a list."""
    return tuple(int(key) if key.isdigit() else key for key in path.split("."))


def read(path: Path | str) -> Document:
    """Read one YAML file; ConfigError if it cannot be read or is not YAML."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not a text file in UTF-8"
        raise ConfigError([Fault(str(path), "", f"cannot be read: {reason}")]) from error
    return parse(text, str(path))


def parse(text: str, origin: str = "<text>") -> Document:
    """Read YAML from a string; `origin` stands for the file name in errors."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return Document(origin, None)
        key_places: dict[Keys, str] = {}
        value_places: dict[Keys, str] = {}
        _locate(node, (), origin, key_places, value_places)
        return Document(origin, loader.construct_document(node), key_places, value_places)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{origin}:{mark.line + 1}:{mark.column + 1}" if mark else origin
        raise ConfigError([Fault(place, "", f"not YAML: {error.problem}")]) from error
    except yaml.YAMLError as error:
        raise ConfigError([Fault(origin, "", f"not YAML: {error}")]) from error
    finally:
        loader.dispose()


def write(value: Any) -> str:
    """YAML text of plain values, keys in their order, short sequences on one line."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


class _Dumper(yaml.SafeDumper):
    """Writes so that the loader above reads the same value back."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers
_Dumper.add_representer(
    list,
    lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True),
)


def _locate(
    node: yaml.Node,
    keys: Keys,
    origin: str,
    key_places: dict[Keys, str],
    value_places: dict[Keys, str],
) -> None:
    """Note the place of a node and all below it; refuse a key that stands twice."""
    if keys in value_places:
        place = key_places[keys]
        raise ConfigError([Fault(place, ".".join(map(str, keys)), "stands twice; remove one")])
    value_places[keys] = _place(origin, node)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _locate(item, (*keys, index), origin, key_places, value_places)
    if isinstance(node, yaml.MappingNode):
        for key, item in node.value:
            below = (*keys, key.value if isinstance(key.value, str) else repr(key.value))
            key_places[below] = _place(origin, key)
            _locate(item, below, origin, key_places, value_places)


def _place(origin: str, node: yaml.Node) -> str:
    return f"{origin}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"


def _with_value(tree: Any, keys: Keys, value: Any) -> Any:
    if not keys:
        return value
    first, rest = keys[0], keys[1:]
    if isinstance(tree, list) and isinstance(first, int) and first < len(tree):
        return [*tree[:first], _with_value(tree[first], rest, value), *tree[first + 1 :]]
    if isinstance(tree, str):
        tree = {"name": tree}
    branch = dict(tree) if isinstance(tree, Mapping) else {}
    branch[first] = _with_value(branch.get(first), rest, value)
    return branch


def _below(places: Mapping[Keys, str], key: str) -> dict[Keys, str]:
    return {path[1:]: place for path, place in places.items() if path[:1] == (key,)}


def _outside(places: Mapping[Keys, str], keys: Keys) -> dict[Keys, str]:
    return {path: place for path, place in places.items() if path[: len(keys)] != keys}
