"""The records of a sweep, pooled over seeds and sorted into panels and lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import Any

import numpy as np

from actlab.arrays import Array
from actlab.comparing import Estimate, estimate, gathered, part_shown
from actlab.record import Record
from actlab.runs import differing
from actlab.store import open_record

MOST_LINES, MOST_PANELS = 8, 12


@dataclass(frozen=True)
class Variant:
    """Runs that differ in their seeds only."""

    values: dict[str, Any]
    shown: dict[str, str]
    records: tuple[Record, ...]

    def label(self, keys: Sequence[str]) -> str:
        """What these paths are set to."""
        return ", ".join(f"{key.split('.')[-1]} {self.shown[key]}" for key in keys)

    def metric(self, name: str) -> Estimate:
        """Mean and interval of a final metric over the runs that finished."""
        return estimate(
            [r.final.get(name) if name != "seconds" else r.seconds for r in self.finished]
        )

    @property
    def finished(self) -> list[Record]:
        """Those that came to their end."""
        return [record for record in self.records if record.status == "finished"]


@dataclass(frozen=True)
class SweptRecords:
    """All variants of a sweep, and the paths in which they differ."""

    name: str
    keys: tuple[str, ...]
    variants: tuple[Variant, ...]

    def values(self, key: str) -> list[str]:
        """What a path is set to, in order: numbers by size, words as they come."""
        found = {variant.shown[key]: variant.values[key] for variant in self.variants}
        numbers = all(isinstance(value, int | float) for value in found.values())
        return sorted(found, key=lambda word: found[word]) if numbers else list(found)

    @property
    def line_key(self) -> str | None:
        """The path whose values become lines: the initializer, or the first with few values."""
        few = [key for key in self.keys if len(self.values(key)) <= MOST_LINES]
        return next((key for key in few if key.startswith("model.init")), few[0] if few else None)

    def panels(self, *on_axes: str | None) -> dict[str, list[Variant]]:
        """The variants by all paths that no axis or line shows; at most MOST_PANELS of them."""
        rest = [key for key in self.keys if key not in on_axes]
        found: dict[str, list[Variant]] = {}
        for variant in self.variants:
            found.setdefault(variant.label(rest), []).append(variant)
        kept = np.linspace(0, len(found) - 1, min(len(found), MOST_PANELS)).round().astype(int)
        return {title: found[title] for title in np.array(list(found), object)[kept]}

    @property
    def seeds(self) -> int:
        """The most runs that any variant has."""
        return max(len(variant.records) for variant in self.variants)


def gathered_records(directory: Path) -> SweptRecords:
    """The records of the runs in or below a directory; StoreError if there is none."""
    runs = gathered([directory])
    keys = [key for key in differing([run.config for run in runs]) if key != "seed"]
    columns = {key: [run.setting(key) for run in runs] for key in keys}
    variants: dict[str, Variant] = {}
    for index, run in enumerate(runs):
        shown = {key: part_shown(column[index], column) for key, column in columns.items()}
        record = open_record(run.directory)
        known = variants.get(str(shown))
        values = {key: column[index] for key, column in columns.items()}
        records = (*known.records, record) if known else (record,)
        variants[str(shown)] = Variant(values, shown, records)
    return SweptRecords(directory.resolve().name, tuple(keys), tuple(variants.values()))


def band(
    records: Sequence[Record], curve: Callable[[Record], Array]
) -> tuple[Array, Array, Array] | None:
    """Mean, least and greatest of a curve over the records, as long as the longest; NaN-aware."""
    curves = [curve(record) for record in records]
    length = max(map(len, curves), default=0)
    if not length:
        return None
    table = np.full((len(curves), length), nan)
    for row, values in zip(table, curves, strict=True):
        row[: len(values)] = np.where(np.isfinite(values), values, nan)
    known = np.isfinite(table).any(axis=0)
    mean, low, high = (np.full(length, nan) for _ in range(3))
    mean[known] = np.nanmean(table[:, known], axis=0)
    low[known] = np.nanmin(table[:, known], axis=0)
    high[known] = np.nanmax(table[:, known], axis=0)
    return mean, low, high
