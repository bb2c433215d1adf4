"""Find runs on disk, and ask them for settings and results, by their summaries alone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actlab.config import read
from actlab.store import StoreError, read_summary

Config = Mapping[str, Any]
NAMELESS = ("name", "data.path")
"""What tells no two experiments apart."""


@dataclass(frozen=True)
class Run:
    """A run directory as its summary describes it."""

    directory: Path
    config: Config
    status: str
    metrics: Mapping[str, float | None]
    seconds: float
    fault: str = ""

    def setting(self, path: str) -> Any:
        """The value under a dotted path of the config; None if it has none there."""
        return setting(self.config, path)

    def metric(self, name: str) -> float | None:
        """A final metric, `seconds`, or `gap`, the train accuracy less the test accuracy.

        None if the run did not come to it.
        """
        if name == "gap":
            train, test = (self.metrics.get(f"{split}_accuracy") for split in ("train", "test"))
            return None if train is None or test is None else train - test
        return self.seconds if name == "seconds" else self.metrics.get(name)


def find_runs(paths: Iterable[Path]) -> list[Run]:
    """Every run that ended, in these directories or below; StoreError where there is none."""
    found: dict[Path, Run] = {}
    for path in paths:
        below = {run.directory: run for run in _below(Path(path))}
        if not below:
            raise StoreError(f"{path} holds no run: there is no summary.json in it or below")
        found |= below
    return list(found.values())


def setting(config: Config, path: str) -> Any:
    """`model.init` is the part as written, `model.init.std` its setting, `train.lr` the rate."""
    value: Any = config
    for key in path.split("."):
        if isinstance(value, str):
            value = {"name": value}
        if isinstance(value, list | tuple) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, Mapping) and key in value:
            value = value[key]
        elif isinstance(value, Mapping) and key == "lr" and "optimizer" in value:
            value = value["optimizer"]["lr"]
        else:
            return None
    return value


def differing(configs: Sequence[Config]) -> list[str]:
    """The dotted paths of what differs among configs; where parts differ in name, theirs alone."""
    return [path for path in _differing(configs, "") if path not in NAMELESS]


def _below(path: Path) -> Iterator[Run]:
    """The run in a directory, or those below it; hidden folders and figures are passed over."""
    summary = read_summary(path)
    if summary is not None:
        yield _described(path, summary)
    elif path.is_dir():
        for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
            if entry.is_dir() and not entry.name.startswith(".") and entry.name != "plots":
                yield from _below(Path(entry.path))


def _described(directory: Path, summary: Mapping[str, Any]) -> Run:
    return Run(
        directory,
        summary.get("config") or read(directory / "config.yaml").value,
        summary["status"],
        summary["metrics"],
        summary["seconds"],
        summary["fault"],
    )


def _differing(values: Sequence[Any], path: str) -> Iterator[str]:
    if all(value == values[0] for value in values[1:]):
        return
    opened = [{"name": value} if isinstance(value, str) else value for value in values]
    mappings = all(isinstance(value, Mapping) for value in opened)
    if not mappings or (path and len({value.get("name") for value in opened}) > 1):
        yield path
        return
    for key in dict.fromkeys(key for value in opened for key in value):
        below = [value.get(key) for value in opened]
        yield from _differing(below, f"{path}.{key}" if path else key)
