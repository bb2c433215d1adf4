"""A record as a run directory, and back. A reader never sees half a file."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from actlab.experiment import Experiment, dump, load
from actlab.record import Record


class StoreError(RuntimeError):
    """A directory that is no run directory, or a damaged one."""


def save(record: Record, directory: Path, provenance: Mapping[str, Any]) -> None:
    """Write a record; summary.json comes last, so its presence means that the rest is there."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "summary.json").unlink(missing_ok=True)
    write(directory / "config.yaml", dump(record.experiment))
    write(directory / "provenance.json", to_json(provenance))
    write(directory / "metrics.csv", _metrics_text(record))
    stats = io.BytesIO()
    np.savez_compressed(stats, allow_pickle=False, **dict(record.statistics))
    write(directory / "stats.npz", stats.getvalue())
    write(directory / "summary.json", to_json(summary(record)))


def open_record(directory: Path) -> Record:
    """The record in a run directory; StoreError if there is none."""
    found = read_summary(directory)
    if found is None:
        raise StoreError(f"{directory} is no run directory: it has no summary.json")
    try:
        with np.load(directory / "stats.npz", allow_pickle=False) as stats:
            statistics = {name: stats[name] for name in stats.files}
        return Record(
            experiment=load(directory / "config.yaml"),
            status=found["status"],
            metrics=_read_metrics(directory / "metrics.csv"),
            statistics=statistics,
            final={k: _number(v) for k, v in found["metrics"].items()},
            fault=found["fault"],
            seconds=found["seconds"],
        )
    except (OSError, KeyError, ValueError) as error:
        raise StoreError(f"{directory} is damaged: {error}") from error


def read_summary(directory: Path) -> dict[str, Any] | None:
    """summary.json of a run directory, or None if the run never came to an end."""
    try:
        return json.loads((directory / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def is_finished(experiment: Experiment, results: Path) -> bool:
    """Whether the run directory of this very experiment holds a finished run."""
    found = read_summary(results / experiment.directory)
    return found is not None and found["status"] == "finished"


def summary(record: Record) -> dict[str, Any]:
    """What summary.json holds."""
    return {
        "name": record.experiment.name,
        "label": record.experiment.label,
        "digest": record.experiment.digest,
        "status": record.status,
        "fault": record.fault,
        "seconds": round(record.seconds, 3),
        "config": record.experiment.resolved(),
        "metrics": dict(record.final),
        "layers": record.layer_statistics(),
    }


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: beside its place, synced, then renamed into it."""
    data = content.encode() if isinstance(content, str) else content
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def to_json(value: Any) -> str:
    """JSON with null for numbers that are not finite, which JSON has not."""
    return json.dumps(finite(value), indent=2) + "\n"


def finite(value: Any) -> Any:
    """Plain values with None for numbers that are not finite."""
    if isinstance(value, Mapping):
        return {key: finite(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [finite(below) for below in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _metrics_text(record: Record) -> str:
    columns = list(dict.fromkeys(name for row in record.metrics for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(record.metrics)
    return text.getvalue()


def _read_metrics(path: Path) -> list[dict[str, float]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [{k: float(v) for k, v in row.items() if v} for row in csv.DictReader(file)]
