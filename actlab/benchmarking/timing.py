"""Times of the same work by several, taken in turn: medians, spreads, and ratios round by round.

A machine is never equally fast for long. What is measured in the same round has met the same
machine, so ratios are taken within rounds, and their median is what is reported.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median, quantiles

Quartiles = tuple[float, float]


@dataclass(frozen=True)
class Timing:
    """Milliseconds of a training step of two experiments, in turn, and the ratios pair by pair."""

    base: tuple[float, ...]
    other: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Median of the other's time over the base's."""
        return median(self.ratios)

    @property
    def ratios(self) -> list[float]:
        """The other's time over the base's, pair by pair."""
        return [other / base for base, other in zip(self.base, self.other, strict=True)]

    @property
    def spread(self) -> Quartiles:
        """Between which ratios the middle half of the pairs lies."""
        return quartiles(self.ratios)


Rounds = Mapping[str, tuple[float, ...]]
"""Milliseconds by name, one number a round, in the same order for all."""


def interleaved(deeds: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Timing]:
    """Time each deed once a round, after one round to warm up, against the first."""
    found: dict[str, list[float]] = {name: [] for name in deeds}
    for _ in range(rounds + 1):
        for name, deed in deeds.items():
            found[name].append(milliseconds(deed))
    return against({name: tuple(times[1:]) for name, times in found.items()}, next(iter(deeds)))


def against(rounds: Rounds, base: str) -> dict[str, Timing]:
    """Everybody's times beside those of one of them."""
    return {name: Timing(rounds[base], times) for name, times in rounds.items()}


def milliseconds(deed: Callable[[], object], times: int = 1) -> float:
    """Of one call, on average over so many."""
    start = time.perf_counter()
    for _ in range(times):
        deed()
    return (time.perf_counter() - start) / times * 1e3


def quartiles(values: list[float] | tuple[float, ...]) -> Quartiles:
    """Between which of the values the middle half of them lies."""
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = quantiles(values, n=4, method="inclusive")
    return low, high
