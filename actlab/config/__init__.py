"""YAML with positions, faults with remedies, and the base of all registered parts."""

from actlab.config.documents import Document, Keys, dotted, parse, read, write
from actlab.config.faults import ConfigError, Fault, suggestion
from actlab.config.parts import (
    Part,
    Settings,
    families,
    import_parts,
    member,
    members,
    raised_again,
)
from actlab.config.validation import validate

__all__ = [
    "ConfigError",
    "Document",
    "Fault",
    "Keys",
    "Part",
    "Settings",
    "dotted",
    "families",
    "import_parts",
    "member",
    "members",
    "parse",
    "raised_again",
    "read",
    "suggestion",
    "validate",
    "write",
]
