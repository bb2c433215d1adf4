"""Plant a wrong version in the place of a right one, and find the cases of a law it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, product
from typing import Any

import pytest

from actlab.config import Part
from actlab.nn.dense import Dense
from actlab.nn.layer import Layer


@dataclass(frozen=True)
class Bug:
    """A wrong function, the place it is planted in, and the law that is to notice it."""

    wrong: Callable[..., Any]
    owner: Any
    method: str
    law: Callable[..., None]
    among: type
    raises: type[Exception]

    def __str__(self) -> str:
        return self.wrong.__name__

    def plant(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put the wrong function in its place."""
        monkeypatch.setattr(self.owner, self.method, self.wrong)

    def cases(self) -> Iterator[dict[str, Any]]:
        """The arguments of the law, for those of its own cases that have to do with the part."""
        names, choices = [], []
        for mark in getattr(self.law, "pytestmark", []):
            if mark.name == "parametrize":
                words, values = mark.args
                names.append(words.split(",") if isinstance(words, str) else words)
                choices.append([value if len(names[-1]) > 1 else (value,) for value in values])
        for chosen in product(*choices):
            case = dict(zip(chain(*names), chain(*chosen), strict=True))
            found = [value for value in case.values() if isinstance(value, Part | Layer)]
            if not found or any(map(self._concerns, found)):
                yield case

    def _concerns(self, part: Part | Layer) -> bool:
        return isinstance(part.init if isinstance(part, Dense) else part, self.among)

    def obey(self, case: dict[str, Any]) -> None:
        """Put the law to one of its cases, which may be none for it."""
        with suppress(pytest.skip.Exception):
            self.law(**case)

    def must_be_noticed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The law breaks once the wrong function is planted."""
        self.plant(monkeypatch)
        assert self.is_noticed(), f"{self.law.__name__} holds nevertheless"

    def must_hold_otherwise(self) -> None:
        """The law has cases, and holds in all of them as long as nothing is planted."""
        cases = list(self.cases())
        assert cases, f"{self.law.__name__} has no case with {self.among.__name__}"
        for case in cases:
            self.obey(case)

    def is_noticed(self) -> bool:
        """Whether one of the cases breaks the law."""
        for case in self.cases():
            try:
                self.obey(case)
            except self.raises:
                return True
        return False


BUGS: list[Bug] = []


def planted(
    owner: Any,
    method: str,
    law: Callable[..., None],
    *,
    among: type | None = None,
    raises: type[Exception] = AssertionError,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The decorated function is a wrong `owner.method`, which the law notices.

    The law is put to its cases with a part of the class `among`, by default the owner. It notices
    by an assertion unless it `raises` something else: a planted function with a fault of its own
    does not count as noticed.
    """

    def plant(wrong: Callable[..., Any]) -> Callable[..., Any]:
        BUGS.append(Bug(wrong, owner, method, law, among or owner, raises))
        return wrong

    return plant
