"""`actlab explain`: what is wrong with a run, and what to try."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from actlab.explaining import Finding
    from actlab.record import Record

STATISTICS = "stats.npz"
NOTHING = "nothing more to propose, by all that was recorded"


def explain(
    directories: Annotated[
        list[Path], typer.Argument(metavar="RUN_DIR...", help="Run directories, or folders above.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Say in plain words what is wrong with each run, by what it recorded, and what to try next."""
    from actlab.explaining import explain as explained
    from actlab.runs import find_runs
    from actlab.store import StoreError, open_record

    runs = [run.directory for run in find_runs(directories)]
    partial = [run for run in runs if not (run / STATISTICS).exists()]
    for number, directory in enumerate(run for run in runs if run not in partial):
        record = open_record(directory)
        found = explained(record)
        if as_json:
            print(json.dumps(_as_json(directory, record, found)))
        else:
            print("\n" * (number > 0) + _as_text(directory, record, found))
    if partial:
        raise StoreError("\n".join(map(_partial, partial)))


def _partial(directory: Path) -> str:
    """What a folder lacks of which only figures and tables were published, and how to get it."""
    said = f"{directory} holds only part of a run: the statistics to explain it by, {STATISTICS}, "
    config = shlex.quote(str(directory / "config.yaml"))
    return f"{said}are not there; train it again with: actlab run {config}"


def _as_text(directory: Path, record: Record, found: list[Finding]) -> str:
    from actlab.explaining import signs

    if not found:
        when = "" if len(record.metrics) > 1 else " before training"
        lines = [f"{directory}: healthy{when}, by all that was recorded"]
        return "\n".join([*lines, *(f"  {sign}" for sign in signs(record))])
    how = "" if record.status == "finished" else f" ({record.status})"
    lines = [f"{directory}{how}:"]
    for finding in found:
        place = f"{finding.place}: " if finding.place else ""
        lines += [f"  {place}{finding.title}", f"    {finding.evidence}"]
    return "\n".join([*lines, f"  next: {_next(directory, found) or NOTHING}"])


def _as_json(directory: Path, record: Record, found: list[Finding]) -> dict[str, Any]:
    from actlab.explaining import signs

    return {
        "run_dir": str(directory),
        "status": record.status,
        "healthy": not found,
        "findings": [
            {
                "rule": finding.rule,
                "title": finding.title,
                "layers": list(finding.layers),
                "evidence": finding.evidence,
                "command": finding.command(str(directory / "config.yaml")) or None,
            }
            for finding in found
        ],
        "signs": signs(record),
        "next": _next(directory, found) or None,
    }


def _next(directory: Path, found: list[Finding]) -> str:
    """The one command, for the first cause that has any."""
    commands = (finding.command(str(directory / "config.yaml")) for finding in found)
    return next(filter(None, commands), "")
