"""Everything that `actlab bench` can measure, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from actlab.benchmarking import (
    activations,
    augmenting,
    memory,
    profiling,
    race,
    recording,
    scaling,
    startup,
)
from actlab.benchmarking.contenders import called
from actlab.benchmarking.report import Report
from actlab.benchmarking.workloads import WORKLOADS
from actlab.config import suggestion

COSTS: dict[str, Callable[[int], Report]] = {
    "augmentation": augmenting.report,
    "activations": activations.report,
    "statistics": recording.report,
    "startup": startup.report,
    "memory": memory.report,
    "scaling": scaling.report,
}
NAMES = (*WORKLOADS, *COSTS)


class UnknownBenchmark(ValueError):
    """Nothing of that name can be measured."""


def benchmarks(
    names: Sequence[str], against: str, rounds: int
) -> tuple[dict[str, Callable[[], Report]], list[str]]:
    """What to run by name, all training workloads if none is named, and lines on missing peers.

    Raises UnknownBenchmark, UnknownPeer.
    """
    contenders, missing = called(against)
    found: dict[str, Callable[[], Report]] = {}
    for name in chosen(names):
        if name in WORKLOADS:
            found[name] = partial(race.report, WORKLOADS[name], contenders, rounds)
        else:
            found[name] = partial(COSTS[name], rounds)
    return found, missing


def profiles(names: Sequence[str]) -> dict[str, Callable[[], Report]]:
    """Where an epoch of these workloads goes, one report for all. Raises UnknownBenchmark."""
    unfit = [name for name in chosen(names) if name not in WORKLOADS]
    if unfit:
        raise UnknownBenchmark(
            f"'{unfit[0]}' is no training workload, whose steps could be profiled; "
            f"these are: {', '.join(WORKLOADS)}"
        )
    workloads = [WORKLOADS[name] for name in chosen(names)]
    return {"profile": partial(profiling.report, workloads)}


def chosen(names: Sequence[str]) -> tuple[str, ...]:
    """The names themselves, or those of all training workloads."""
    for name in names:
        if name not in NAMES:
            raise UnknownBenchmark(f"unknown '{name}'{suggestion(name, NAMES)}")
    return tuple(names) or tuple(WORKLOADS)
