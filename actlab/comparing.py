"""Runs side by side: what differs, means over seeds with intervals, paired differences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite, nan, sqrt
from pathlib import Path
from typing import Any

import numpy as np

from actlab.config import ConfigError, Fault, suggestion
from actlab.runs import Run, differing, find_runs, setting
from actlab.sweeping.ledger import listed
from actlab.sweeping.tuning import lower_is_better
from actlab.sweeping.values import pieces, shown

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A mean and the half-width of its 95% t-interval, infinite for a single value."""

    mean: float
    half: float
    n: int

    def __str__(self) -> str:
        if not self.n:
            return "-"
        return f"{self.mean:.4f}" + (f" ± {self.half:.4f}" if isfinite(self.half) else "")


@dataclass(frozen=True)
class Row:
    """Runs that differ only in what is pooled."""

    settings: Mapping[str, str]
    runs: Sequence[Run]
    metric: Estimate
    difference: Estimate | None = None
    """Mean of the paired differences from the baseline row; None in that row itself."""
    best: bool = False

    @property
    def unfinished(self) -> int:
        """Runs that diverged, failed or were interrupted; the metric is of the others."""
        return sum(run.status != "finished" for run in self.runs)

    @property
    def label(self) -> str:
        """All settings of the row in one line."""
        return ", ".join(f"{key}={value}" for key, value in self.settings.items()) or "all"


@dataclass(frozen=True)
class Comparison:
    """A row per setting, in the order the runs came."""

    metric: str
    rows: Sequence[Row]
    baseline: int = 0


def gathered(paths: Sequence[Path]) -> list[Run]:
    """The runs in these paths; of a sweep's directory those that its sweep.yaml lists, in order."""
    found: list[Run] = []
    for path in paths:
        runs = find_runs([path])
        names = listed(path)
        if names is not None:
            by_name = {run.directory.name: run for run in runs}
            runs = [by_name[name] for name in names if name in by_name]
        found += runs
    return found


def compare(
    runs: Sequence[Run],
    metric: str = "val_accuracy",
    group_by: Sequence[str] | None = None,
    baseline: str | None = None,
) -> Comparison:
    """Pool the runs over their seeds (or over all but `group_by`) and compare the means.

    `baseline` is `path=value,...` of the row that the others are paired with, run by run where
    all that is pooled agrees; the first row if absent. Rows with runs that did not finish are not
    called the best while others finished all. Raises ConfigError.
    """
    _check_metric(runs, metric)
    differ = differing([run.config for run in runs])
    keys = [key for key in differ if key != "seed"] if group_by is None else list(group_by)
    _check_keys(runs, keys)
    rows = [
        Row(_shown(keys, group, runs), group, estimate([_finished(run, metric) for run in group]))
        for group in _grouped(runs, keys)
    ]
    pooled = [key for key in differ if any(_varies(row.runs, key) for row in rows)]
    index = _baseline(rows, baseline)
    rows = [
        row if n == index else replace(row, difference=_paired(row, rows[index], pooled, metric))
        for n, row in enumerate(rows)
    ]
    return Comparison(metric, _with_best(rows, metric), index)


def estimate(values: Sequence[float | None]) -> Estimate:
    """Mean and 95% t-interval of the values that are there."""
    from scipy.stats import t

    found = np.array([value for value in values if value is not None and isfinite(value)], float)
    n = found.size
    if n < 2:
        return Estimate(float(found[0]) if n else nan, inf, n)
    half = t.ppf((1 + CONFIDENCE) / 2, n - 1) * found.std(ddof=1) / sqrt(n)
    return Estimate(float(found.mean()), float(half), n)


def part_shown(value: Any, others: Sequence[Any]) -> str:
    """A value by its name and those of its settings that differ among others of that name."""
    if not isinstance(value, Mapping) or "name" not in value:
        return shown(value)
    alike = [o for o in others if isinstance(o, Mapping) and o.get("name") == value["name"]]
    kept = {key: v for key, v in value.items() if any(other.get(key) != v for other in alike)}
    return shown({"name": value["name"], **kept})


def _grouped(runs: Sequence[Run], keys: Sequence[str]) -> list[list[Run]]:
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(json.dumps([run.setting(key) for key in keys]), []).append(run)
    return list(groups.values())


def _shown(keys: Sequence[str], group: Sequence[Run], runs: Sequence[Run]) -> dict[str, str]:
    return {
        key: part_shown(group[0].setting(key), [run.setting(key) for run in runs]) for key in keys
    }


def _finished(run: Run, metric: str) -> float | None:
    return run.metric(metric) if run.status == "finished" else None


def _varies(runs: Sequence[Run], key: str) -> bool:
    """Whether runs of one row differ here, so that it is pooled."""
    return len({json.dumps(run.setting(key)) for run in runs}) > 1


def _paired(row: Row, base: Row, pooled: Sequence[str], metric: str) -> Estimate:
    """Of runs that agree in all that is pooled: the same seeds, so the same batches."""
    partners = {_pair(run, pooled): _finished(run, metric) for run in base.runs}
    differences = []
    for run in row.runs:
        here, there = _finished(run, metric), partners.get(_pair(run, pooled))
        if here is not None and there is not None:
            differences.append(here - there)
    return estimate(differences)


def _pair(run: Run, pooled: Sequence[str]) -> str:
    return json.dumps([run.setting(key) for key in pooled])


def _with_best(rows: Sequence[Row], metric: str) -> list[Row]:
    sign = 1 if lower_is_better(metric) else -1
    whole = [row for row in rows if not row.unfinished] or rows
    means = [sign * row.metric.mean for row in whole if row.metric.n]
    best = min(means, default=nan)
    return [replace(row, best=row in whole and sign * row.metric.mean == best) for row in rows]


def _baseline(rows: Sequence[Row], wanted: str | None) -> int:
    if wanted is None:
        return 0
    pairs = dict(pair.partition("=")[::2] for pair in pieces(wanted))
    for index, row in enumerate(rows):
        if all(row.settings.get(key) == value for key, value in pairs.items()):
            return index
    known = "; known: " + " | ".join(row.label for row in rows[:20])
    raise _fault("--baseline", f"no row is {wanted!r}{known}")


def _check_metric(runs: Sequence[Run], metric: str) -> None:
    known = {name for run in runs for name in run.metrics} | {"seconds", "gap"}
    if metric not in known and any(run.metrics for run in runs):
        raise _fault("--metric", f"unknown {metric!r}{suggestion(metric, known)}")


def _check_keys(runs: Sequence[Run], keys: Sequence[str]) -> None:
    for key in keys:
        if all(setting(run.config, key) is None for run in runs):
            raise _fault("--group-by", f"no run has {key!r}; known: {', '.join(_paths(runs[0]))}")


def _paths(run: Run) -> list[str]:
    """The settings that a run can be grouped by, two levels deep."""
    sections = {k: v for k, v in run.config.items() if isinstance(v, Mapping)}
    return ["name", "seed", *(f"{k}.{key}" for k, below in sections.items() for key in below)]


def _fault(option: str, message: str) -> ConfigError:
    return ConfigError([Fault("command line", option, message)])


def table(comparison: Comparison) -> list[dict[str, str]]:
    """The comparison as words: a column per setting, how many runs, the metric, the difference."""
    return [_cells(comparison, n) for n in range(len(comparison.rows))]


def legend(comparison: Comparison) -> list[str]:
    """What the columns and marks of `table` mean, a line for each."""
    metric, rows = comparison.metric, comparison.rows
    interval = ", ± its 95% t-interval" if any(isfinite(row.metric.half) for row in rows) else ""
    end = "lowest" if lower_is_better(metric) else "highest"
    lines = [f"{metric}: mean of the finished runs{interval}; the star (*) marks the {end}."]
    if broken := [row for row in rows if row.unfinished]:
        favoured = "" if len(broken) == len(rows) else "; the star is for rows that finished whole"
        lines.append(
            f'finished: "{_count(broken[0])}" means that the others diverged, failed or were '
            f"interrupted{favoured}."
        )
    if len(rows) > 1:
        lines.append(
            "difference: from the row called baseline, run by run at the same seed (and all else "
            "that is pooled). Runs without a finished partner are left out, so it may differ from "
            "the difference of the means."
        )
    return lines


def numbers(comparison: Comparison) -> list[dict[str, Any]]:
    """The comparison as numbers, for programs; None for what is not there."""
    return [
        {
            **row.settings,
            "runs": len(row.runs),
            "unfinished": row.unfinished,
            **_ends(comparison.metric, row.metric),
            **_ends("difference", row.difference or Estimate(nan, inf, 0)),
            "best": row.best,
        }
        for row in comparison.rows
    ]


def _cells(comparison: Comparison, n: int) -> dict[str, str]:
    row, base = comparison.rows[n], comparison.rows[comparison.baseline]
    difference = "baseline" if row is base else _signed(row.difference)
    best = " *" if row.best else ""
    words = {
        "finished": _count(row),
        comparison.metric: f"{row.metric}{best}",
        "difference": difference,
    }
    return {**row.settings, **words}


def _count(row: Row) -> str:
    """How many runs finished, and of how many if not all did."""
    finished = len(row.runs) - row.unfinished
    return f"{finished} of {len(row.runs)}" if row.unfinished else str(finished)


def _signed(difference: Estimate | None) -> str:
    if difference is None or not difference.n:
        return "-"
    return ("+" if difference.mean >= 0 else "") + str(difference)


def _ends(name: str, found: Estimate) -> dict[str, float | None]:
    known = isfinite(found.half)
    return {
        name: found.mean if found.n else None,
        f"{name}_low": found.mean - found.half if known else None,
        f"{name}_high": found.mean + found.half if known else None,
    }
