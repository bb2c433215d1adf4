"""What a rule looks for, and what it says."""

from __future__ import annotations

import shlex
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from actlab.config import Part
from actlab.explaining.reading import Reading


@dataclass(frozen=True)
class Finding:
    """One fault of a run: what it is called, where it is, what shows it, and what to try."""

    rule: str
    title: str
    evidence: str
    layers: tuple[int, ...] = ()
    """Hidden layers from 1; empty if it is the whole run's."""
    changes: tuple[str, ...] = ()
    """Overrides of the run's config that are to mend it."""
    verb: str = "run"
    """The command that takes the config; empty where nothing is left to propose."""

    def command(self, config: str = "CONFIG") -> str:
        """What to type next, or nothing."""
        if not self.verb:
            return ""
        words = [config, *self.changes]
        return f"actlab {self.verb} {' '.join(shlex.quote(word) for word in words)}"

    @property
    def place(self) -> str:
        """`layers 4 to 10`, or nothing."""
        return spelled(self.layers)


class Rule(Part):
    """A fault that the record of a run can show."""

    family: ClassVar[str] = "rule"
    rank: ClassVar[int]
    """Causes come before their consequences."""
    explained_by: ClassVar[frozenset[str]] = frozenset()
    """Rules whose finding explains what this one would find."""

    @abstractmethod
    def look(self, run: Reading) -> Finding | None:
        """The fault, if the run has it."""


def spelled(layers: Sequence[int]) -> str:
    """`layer 3`, `layers 4 to 10`, `layers 2, 5 and 7`."""
    if not layers:
        return ""
    if len(layers) == 1:
        return f"layer {layers[0]}"
    if list(layers) == list(range(layers[0], layers[-1] + 1)) and len(layers) > 2:
        return f"layers {layers[0]} to {layers[-1]}"
    return f"layers {', '.join(map(str, layers[:-1]))} and {layers[-1]}"
