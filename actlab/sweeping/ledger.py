"""What a sweep writes beside its runs: sweep.yaml, what it is, and results.csv, what came of it."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from actlab.config import read
from actlab.config import write as as_yaml
from actlab.provenance import versions
from actlab.store import read_summary, write
from actlab.sweeping.plan import Plan, Variant
from actlab.sweeping.tuning import tried
from actlab.sweeping.values import shown

FILE, TABLE = "sweep.yaml", "results.csv"


def write_sweep(plan: Plan, results: Path, threads: int) -> Path:
    """Write sweep.yaml: command, versions, config, trials, and the run of every variant."""
    directory = results / plan.name
    directory.mkdir(parents=True, exist_ok=True)
    content = {
        "command": ["actlab", *sys.argv[1:]],
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": versions(),
        "threads": threads,
        "config": plan.written,
        "tuning": list(tried(plan, results)),
        "keys": plan.keys,
        "variants": {one.experiment.directory.name: _entry(one) for one in plan.variants},
    }
    write(directory / FILE, as_yaml(content))
    return directory


def write_results(plan: Plan, results: Path) -> None:
    """Write results.csv: a row per variant, in order, with its final metrics."""
    rows = [_row(one, results) for one in plan.variants]
    columns = dict.fromkeys(name for row in rows for name in row)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write(results / plan.name / TABLE, text.getvalue())


def listed(directory: Path) -> dict[str, dict[str, Any]] | None:
    """By run directory, the label and settings of each variant that sweep.yaml lists."""
    path = directory / FILE
    return read(path).value["variants"] if path.is_file() else None


def _entry(one: Variant) -> dict[str, Any]:
    entry = {"label": one.label, "settings": dict(one.settings)}
    return entry | ({"tuned": dict(one.tuned)} if one.tuned else {})


def _row(one: Variant, results: Path) -> dict[str, Any]:
    summary: Mapping[str, Any] = read_summary(results / one.experiment.directory) or {}
    settings = {key: shown(value) for key, value in {**one.settings, **one.tuned}.items()}
    return {
        "label": one.label,
        **settings,
        "status": summary.get("status", "missing"),
        **summary.get("metrics", {}),
        "seconds": summary.get("seconds"),
        "fault": summary.get("fault", ""),
        "run": one.experiment.directory.name,
    }
