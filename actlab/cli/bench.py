"""`actlab bench`: measure a promise about speed on this machine."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer


class Workload(StrEnum):
    """What can be measured."""

    augmentation = "augmentation"


def bench(
    workload: Annotated[Workload, typer.Argument(help="What to measure.")],
    rounds: Annotated[int, typer.Option(min=3, help="Pairs of timings.")] = 25,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Time training steps with and without flip, crop and cutout, in turn, on one thread.

    The ratio is the median over pairs; its spread says how noisy the machine is. Promised: 1.25.
    """
    from actlab.benchmarking import augmentation

    timing = augmentation(rounds)
    low, high = min(timing.ratios), max(timing.ratios)
    if as_json:
        print(json.dumps({"ratio": timing.ratio, "ratios": timing.ratios, "base_ms": timing.base}))
    else:
        print(f"{workload.value}: {timing.ratio:.2f} times a plain step ({low:.2f} to {high:.2f})")
